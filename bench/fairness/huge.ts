/** The largest requests and answers that the limits allow, and a file that has what is asked for. */
import type { RunEvent } from '../../src/model.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { formatTime } from '../../src/time.ts';
import { runEvents, type Shape } from '../sample.ts';
import type { Batch } from '../stores/day.ts';

export interface Huge {
  readonly name: string;
  /** Whether it takes a store that can be written. */
  readonly writes: boolean;
  /** What is sent; another text each time where it is recorded. */
  readonly body: (round: number) => string;
  /** How the answer begins. */
  readonly answer: string;
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

/** One map of 100 parts with 100 nodes each. */
const EVENTS: Shape = { nodes: 100, composites: 1, width: 100, levels: 2, payloadBytes: 200 };

/** Together just below the largest body. */
const TEXT = JSON.stringify({ text: 'x'.repeat(15.5 * 1024 * 1024) });

/** Just below as many as a body may have. */
const VALUES = 900_000;

export const HUGE: readonly Huge[] = [
  {
    name: 'rows',
    writes: false,
    body: () =>
      JSON.stringify({
        query: `{ dagRun(runId: "rows") { ${RUN} ${PARTS} top: nodes { subDags { key run { ${RUN} ${PARTS} } } } } }`,
      }),
    answer: '{"data":{"dagRun":{',
  },
  {
    name: 'bytes',
    writes: false,
    body: () =>
      JSON.stringify({ query: '{ dagRun(runId: "bytes") { nodes { nodeLabel io { inputJson outputJson } } } }' }),
    answer: '{"data":{"dagRun":{',
  },
  {
    name: 'events',
    writes: true,
    body: (round) => recording([...runEvents(`events ${round}`, EVENTS, 1_700_000_000)]),
    answer: '{"data":{"recordEvents":{"userErrors":[]',
  },
  {
    name: 'texts',
    writes: true,
    body: (round) =>
      recording([
        { type: 'runCreated', runId: `texts ${round}`, dagNsref: 'bench:texts', sourceInputsJson: TEXT },
        { type: 'runFinished', runId: `texts ${round}`, status: 'completed', sinkOutputsJson: TEXT },
      ]),
    answer: '{"data":{"recordEvents":{"userErrors":[]',
  },
  {
    name: 'values',
    writes: false,
    body: () => JSON.stringify({ query: '{ __typename }', variables: { values: Array(VALUES).fill('some text') } }),
    answer: '{"data":{"__typename"',
  },
];

const RECORD = 'mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { userErrors { message } } }';

function recording(events: readonly RunEvent[]): string {
  return JSON.stringify({ query: RECORD, variables: { input: { events: events.map(inputOf) } } });
}

function inputOf({ type, at, ...event }: RunEvent): object {
  const time = at == null ? {} : { at: formatTime(at) };
  const status = 'status' in event ? { status: event.status.toUpperCase() } : {};
  return { [type]: { ...event, ...time, ...status } };
}

/** A batch for each node of the run, since all of them together would be one long transaction. */
export function* hugeBatches(): Generator<Batch> {
  yield [...runEvents('rows', ROWS, 1_700_000_000)];
  for (const event of runEvents('bytes', BYTES, 1_700_000_000)) yield [event];
}
