/** What a runner goes through: a map over ever more parts, until it is told to come to its end. */
import type { RunEvent } from '../../src/model.ts';
import { completed, created, failed, finished, restarted, started } from '../support/events.ts';

/** Events that happen together, one or more. */
export type Step = readonly RunEvent[];

/**
 * The events of one run and of what runs inside it, in the order in which they happen, each with its own time. Some parts
 * fail and are restarted, and every third has runs inside of its own.
 *
 * @param isOver Asked before each part.
 */
export function* nestedRun(runId: string, isOver: () => boolean): Generator<Step> {
  for (const step of steps(runId, isOver)) yield step.map((event) => ({ ...event, at: tick() }));
}

const DAG = 'shop:orders';

function* steps(root: string, isOver: () => boolean): Generator<Step> {
  yield [created(root, { dagNsref: DAG, initiatedBy: root })];
  yield [started(root, 'list', { isSource: true }), completed(root, 'list', { edges: [edge('list', 'each')] })];
  yield [started(root, 'each', { inputJson: JSON.stringify({ by: root }) })];
  for (let part = 0; !isOver(); part++) yield* partOf(root, part);
  yield [completed(root, 'each', { edges: [edge('each', 'report')] })];
  yield [started(root, 'report', { isSink: true })];
  yield [completed(root, 'report', { outputJson: '"all is well"' }), finished(root, { sinkOutputsJson: '{}' })];
}

function* partOf(root: string, part: number): Generator<Step> {
  const runId = `${root}.${part}`;
  const dagNsref = `${DAG}/each[${part}]`;
  yield [created(runId, { dagNsref, parentRunId: root }), started(runId, 'load')];
  yield [completed(runId, 'load', { outputJson: String(part), edges: [edge('load', 'store')] })];
  yield [started(runId, 'store')];
  if (part % 4 === 1) {
    yield [failed(runId, 'store'), finished(runId, { status: 'failed' })];
    yield [restarted(runId)];
    yield [started(runId, 'store')];
  }
  if (part % 3 === 0) yield* callOf(runId, `${dagNsref}/store[]`);
  yield [completed(runId, 'store')];
  yield [finished(runId)];
}

function* callOf(parentRunId: string, dagNsref: string): Generator<Step> {
  const runId = `${parentRunId}.call`;
  yield [created(runId, { dagNsref, parentRunId })];
  yield [started(runId, 'put'), completed(runId, 'put')];
  yield [finished(runId)];
}

function edge(upstreamLabel: string, downstreamLabel: string) {
  return { upstreamLabel, downstreamLabel };
}

let ticks = 0;

function tick(): number {
  return 1_790_000_000 + ticks++ / 1_000;
}
