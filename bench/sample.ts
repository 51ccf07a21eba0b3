/** A pipeline run of the usual shape: nodes in a row, some of them maps over sub-runs, which call sub-runs of their own. */
import type { RunEvent } from '../src/model.ts';

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

/** All events of one run and of what is inside it, in the order in which they happen. */
export function* runEvents(
  runId: string,
  shape: Shape,
  startedAt: number,
  dagNsref = 'bench:pipeline',
  parentRunId: string | null = null,
): Generator<RunEvent> {
  const { nodes, composites, width, levels, payloadBytes } = shape;
  const json = JSON.stringify({ rows: 1_000, text: 'x'.repeat(Math.max(0, payloadBytes - 24)) });
  let at = startedAt;
  const tick = (): number => {
    at += 0.001;
    return at;
  };
  yield { type: 'runCreated', runId, dagNsref, parentRunId, sourceInputsJson: json, at };
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
        const inner = { ...shape, levels: levels - 1 };
        yield* runEvents(`${runId}.${node}.${part}`, inner, tick(), `${dagNsref}/${nodeLabel}[${part}]`, runId);
      }
    }
    const edges = node < nodes - 1 ? [{ upstreamLabel: nodeLabel, downstreamLabel: `step_${node + 1}` }] : [];
    yield { type: 'nodeCompleted', runId, nodeLabel, outputJson: json, edges, at: tick() };
  }
  yield { type: 'runFinished', runId, status: 'completed', sinkOutputsJson: json, at: tick() };
}
