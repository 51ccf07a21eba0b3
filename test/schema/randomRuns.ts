import type { RunEvent } from '../../src/model.ts';
import { completed, created, failed, finished, skipped, started, traversed } from '../support/events.ts';
import { T } from './harness.ts';
import type { Draw } from './randomQuery.ts';

export const RUN_IDS = ['root', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6'] as const;
/** Some begin with others, and hold what keys are made of. */
export const LABELS = ['map', 'map[0]', 'a/b', 'last'] as const;

const PAYLOADS = ['{}', '[1, 2]', '"text"', '{"x": NaN}', '12345678901234567890', 'null'];

/** What happened in a few trees of runs: sub-runs with and without a node, nodes of all statuses, edges, payloads. */
export function randomRuns(draw: Draw): RunEvent[] {
  const one = <Item>(items: readonly Item[]): Item => items[draw(items.length)] as Item;
  const names: string[] = [];
  return RUN_IDS.flatMap((runId, index) => {
    const parent = index === 0 || draw(4) === 0 ? undefined : draw(index);
    const key = `${one(LABELS)}${one(['[0]', '[1]', '[10]', '[]', '/call', ' alone'])}`;
    names.push(parent === undefined ? 'dag' : `${names[parent]}/${key}`);
    const at = T + draw(5);
    const parentRunId = parent === undefined ? undefined : RUN_IDS[parent];
    const run = created(runId, { dagNsref: names[index] ?? '', parentRunId, at, sourceInputsJson: one(PAYLOADS) });
    const labels = LABELS.filter(() => draw(3) > 0);
    const nodes = labels.flatMap((label) => nodeEvents(runId, label, at + draw(4), one(PAYLOADS), draw(5)));
    const edges = labels.slice(1).map((label) => traversed(runId, labels[0] ?? '', label, { at: at + draw(3) }));
    const end = draw(2) === 0 ? [finished(runId, { sinkOutputsJson: one(PAYLOADS), at: at + 9 })] : [];
    return [run, ...nodes, ...edges, ...end];
  });
}

function nodeEvents(runId: string, label: string, at: number, json: string, kind: number): RunEvent[] {
  if (kind === 0) return [skipped(runId, label, { outputJson: json, at })];
  const start = started(runId, label, { inputJson: json, at });
  if (kind === 1) return [start];
  if (kind === 2) return [start, failed(runId, label, { at: at + 1 })];
  return [start, completed(runId, label, { outputJson: json, at: at + 1 })];
}
