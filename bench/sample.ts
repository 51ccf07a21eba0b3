/** A pipeline run of the usual shape: nodes in a row, some of them maps over sub-runs, which call sub-runs of their own. */
import { createHash } from 'node:crypto';
import type { RunEnd, RunEvent } from '../src/model.ts';

export interface Shape {
  /** Nodes of each run. */
  readonly nodes: number;
  /** How many of them are composite, in runs that have runs inside. */
  readonly composites: number;
  /** Sub-runs of each composite node. */
  readonly width: number;
  /** Levels of runs: 1 is a run without sub-runs. */
  readonly levels: number;
  /** Bytes of each input and output. */
  readonly payloadBytes: number;
}

export const TREE: Shape = { nodes: 5, composites: 2, width: 5, levels: 3, payloadBytes: 200 };

export interface Circumstances {
  readonly dagNsref?: string;
  readonly parentRunId?: string | null;
  readonly initiatedBy?: string | null;
  /** How the run itself ends; null: it does not. */
  readonly end?: RunEnd | null;
}

/** Between one event and the next, in seconds: a sum of these is exact, so that it does not matter in which order they are added. */
const TICK = 1 / 1024;

/** All events of one run and of what is inside it, in the order in which they happen. */
export function* runEvents(
  runId: string,
  shape: Shape,
  startedAt: number,
  { dagNsref = 'bench:pipeline', parentRunId = null, initiatedBy = null, end = 'completed' }: Circumstances = {},
): Generator<RunEvent> {
  const { nodes, composites, width, levels, payloadBytes } = shape;
  const json = JSON.stringify({ rows: 1_000, text: 'x'.repeat(Math.max(0, payloadBytes - 24)) });
  let at = startedAt;
  const tick = (): number => {
    at += TICK;
    return at;
  };
  yield { type: 'runCreated', runId, dagNsref, parentRunId, initiatedBy, sourceInputsJson: json, at };
  for (let node = 0; node < nodes; node++) {
    const nodeLabel = `step_${node}`;
    yield {
      type: 'nodeStarted',
      runId,
      nodeLabel,
      inputJson: json,
      isSource: node === 0,
      isSink: node === nodes - 1,
      at: tick(),
    };
    if (levels > 1 && node < composites) {
      for (let part = 0; part < width; part++) {
        const inner = { dagNsref: `${dagNsref}/${nodeLabel}[${part}]`, parentRunId: runId };
        yield* runEvents(uuidOf(`${runId} ${node} ${part}`), { ...shape, levels: levels - 1 }, tick(), inner);
      }
    }
    const edges = node < nodes - 1 ? [{ upstreamLabel: nodeLabel, downstreamLabel: `step_${node + 1}` }] : [];
    yield { type: 'nodeCompleted', runId, nodeLabel, outputJson: json, edges, at: tick() };
  }
  if (end !== null) yield { type: 'runFinished', runId, status: end, sinkOutputsJson: json, at: tick() };
}

/** An id as runners give them, always the same for a text. */
export function uuidOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
