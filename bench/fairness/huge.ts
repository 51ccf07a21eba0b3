/** The largest answers that the limits allow, and a file that has them. */
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { runEvents, type Shape } from '../sample.ts';
import type { Batch } from '../stores/day.ts';

export interface Huge {
  readonly name: string;
  readonly runId: string;
  readonly query: string;
}

/** One map of 245 parts with 100 nodes each: 49,200 rows, and 50,000 are allowed. */
const ROWS: Shape = { nodes: 100, composites: 1, width: 245, levels: 2, payloadBytes: 30 };

/** Inputs and outputs are the same texts: together they are just below what is allowed. */
const NODES = 12;
const BYTES: Shape = {
  nodes: NODES,
  composites: 0,
  width: 0,
  levels: 1,
  payloadBytes: Math.floor(DEFAULT_LIMITS.maxReadBytes / NODES / 2) - 100,
};

const RUN = 'runId dagNsref status startedAt finishedAt';
const PARTS = `nodes { nodeLabel status startedAt finishedAt } edges { upstreamLabel downstreamLabel traversedAt }`;

export const HUGE: readonly Huge[] = [
  {
    name: 'rows',
    runId: 'rows',
    query: `{ dagRun(runId: "rows") { ${RUN} ${PARTS} top: nodes { subDags { key run { ${RUN} ${PARTS} } } } } }`,
  },
  {
    name: 'bytes',
    runId: 'bytes',
    query: '{ dagRun(runId: "bytes") { nodes { nodeLabel io { inputJson outputJson } } } }',
  },
];

/** A batch for each node of the run, since all of them together would be one long transaction. */
export function* hugeBatches(): Generator<Batch> {
  yield [...runEvents('rows', ROWS, 1_700_000_000)];
  for (const event of runEvents('bytes', BYTES, 1_700_000_000)) yield [event];
}
