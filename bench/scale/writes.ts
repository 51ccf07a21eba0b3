/** The starts of nodes, each a request of its own. */
import type { BareStart } from '../floor/writer.ts';
import { post } from '../subjects/post.ts';
import type { PostgresFloorCall } from './floorProcess.ts';

/** Runs that go on: each write is to the next of them. */
export const RUN_IDS = Array.from({ length: 64 }, (_, run) => `run ${run}`);

const INPUT = JSON.stringify({ text: 'x'.repeat(190) });
let written = 0;

export function nextStart(runId = RUN_IDS[written % RUN_IDS.length] ?? ''): BareStart {
  return { runId, nodeLabel: `node ${written++}`, inputJson: INPUT };
}

/** Creates the runs. */
export async function beginRuns(url: string): Promise<void> {
  const events = RUN_IDS.map((runId) => ({ runCreated: { runId, dagNsref: 'bench:scale' } }));
  await mutate(url, BEGIN, { events });
}

export function writeAt(url: string, start: BareStart): Promise<void> {
  return mutate(url, START, start);
}

/** At a server of the floor. With `tells`, it tells those who listen at others. */
export async function writeBareAt(url: string, start: BareStart, tells = false): Promise<void> {
  await post(url, JSON.stringify({ what: 'starts', events: [start], tells } satisfies PostgresFloorCall));
}

const BEGIN = 'mutation Begin($input: RecordEventsInput!) { recordEvents(input: $input) { userErrors { message } } }';
const START =
  'mutation Start($input: RecordNodeStartInput!) { recordNodeStart(input: $input) { userErrors { message } } }';

async function mutate(url: string, query: string, input: object): Promise<void> {
  const text = await post(url, JSON.stringify({ query, variables: { input } }));
  if (!text.includes('"userErrors":[]')) throw new Error(text);
}
