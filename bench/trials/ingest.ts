import { join } from 'node:path';
import type { RunEvent } from '../../src/model.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { temporaryFolder } from '../atExit.ts';
import { Child } from '../child.ts';
import type { FloorHandlers } from '../floor/serverProcess.ts';
import { type BareStart, openFloorWriter } from '../floor/writer.ts';
import { type Goal, type Reached, withGoals } from '../goals.ts';
import { type Figure, type Subject, type Trial, timed } from '../measure.ts';
import type { Section } from '../section.ts';
import { post } from '../subjects/post.ts';
import { serveProgram } from '../subjects/program.ts';

const BATCH = 1_000;

/** Some ten thousand writes: so many it takes until V8 has compiled all that is in their way. */
const WARM_UP_MS = 3_000;

/** How much goes in at once, and from how many callers. */
const TRIALS = [
  { batch: 1, callers: 1 },
  { batch: 1, callers: 16 },
  { batch: 1, callers: 64 },
  { batch: BATCH, callers: 1 },
  { batch: BATCH, callers: 16 },
];

/** Durable starts of nodes, against bare inserts of the same rows into the same kind of file. */
export function ingest(wanted: string): AsyncGenerator<Section> {
  return withGoals(timed(trials(), wanted), goals);
}

async function* trials(): AsyncGenerator<Trial> {
  const folder = temporaryFolder();
  const inProcess = await writeInProcess(folder);
  const overHttp = await writeOverHttp(folder);
  try {
    for (const { batch, callers } of TRIALS) {
      const subjects = (writers: Writers): [Subject, Subject] => [
        { name: 'floor', run: () => writers.floor(starts(batch)) },
        { name: 'dagloupe', run: () => writers.dagloupe(starts(batch)) },
      ];
      const how = { perRun: batch, callers, warmUpMs: WARM_UP_MS };
      yield { name: nameOf('in process', batch, callers), subjects: subjects(inProcess), ...how };
      yield { name: nameOf('HTTP', batch, callers), subjects: subjects(overHttp), ...how };
    }
  } finally {
    await inProcess.close();
    await overHttp.close();
  }
}

function nameOf(where: string, batch: number, callers: number): string {
  const what = batch === 1 ? 'one by one' : `${batch} at once`;
  return `events ${what}, ${callers} ${callers === 1 ? 'caller' : 'callers'}, ${where}`;
}

interface Writers {
  floor(starts: readonly BareStart[]): Promise<void>;
  dagloupe(starts: readonly BareStart[]): Promise<void>;
  close(): Promise<void>;
}

/** Runs that go on: each write is to the next of them. */
const RUN_IDS = Array.from({ length: 64 }, (_, run) => `run ${run}`);
const RUNS: readonly RunEvent[] = RUN_IDS.map((runId) => ({
  type: 'runCreated',
  runId,
  dagNsref: 'bench:ingest',
  sourceInputsJson: '{}',
}));

const INPUT = JSON.stringify({ text: 'x'.repeat(190) });
let written = 0;

function starts(count: number): BareStart[] {
  return Array.from({ length: count }, () => {
    const runId = RUN_IDS[written % RUN_IDS.length] ?? '';
    return { runId, nodeLabel: `node ${written++}`, inputJson: INPUT };
  });
}

async function writeInProcess(folder: string): Promise<Writers> {
  const writer = openFloorWriter(join(folder, 'floor.db'));
  const store = await openSqliteStore(join(folder, 'runs.db'));
  await store.record(RUNS);
  return {
    floor: (all) => writer.write(all),
    async dagloupe(all) {
      const recorded = await store.record(all.map((start) => ({ type: 'nodeStarted', ...start })));
      if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
    },
    async close() {
      writer.close();
      await store.close();
    },
  };
}

const ONE = 'mutation One($input: RecordNodeStartInput!) { recordNodeStart(input: $input) { userErrors { message } } }';
const MANY = 'mutation Many($input: RecordEventsInput!) { recordEvents(input: $input) { userErrors { message } } }';

async function writeOverHttp(folder: string): Promise<Writers> {
  const floor = new Child<FloorHandlers>(new URL('../floor/serverProcess.ts', import.meta.url));
  const floorUrl = await floor.ask('serveWrites', join(folder, 'floor-http.db'));
  const program = await serveProgram(join(folder, 'runs-http.db'));
  const mutate = async (query: string, input: object): Promise<void> => {
    const text = await post(program.url, JSON.stringify({ query, variables: { input } }));
    if (!text.includes('"userErrors":[]')) throw new Error(text);
  };
  await mutate(MANY, { events: RUNS.map(({ type, ...input }) => ({ [type]: input })) });
  return {
    async floor(all) {
      await post(floorUrl, JSON.stringify({ events: all }));
    },
    async dagloupe(all) {
      const [first] = all;
      if (first && all.length === 1) await mutate(ONE, first);
      else await mutate(MANY, { events: all.map((nodeStarted) => ({ nodeStarted })) });
    },
    async close() {
      await Promise.all([floor.end(), program.end()]);
    },
  };
}

function goals(figures: readonly Figure[]): Goal[] {
  const reached = (name: string, value: (floor: Figure, dagloupe: Figure) => number): Reached => {
    const [floor, dagloupe] = figures.filter(({ trial }) => trial === name);
    return { reached: floor && dagloupe ? value(floor, dagloupe) : Number.NaN, where: name };
  };
  const ratio = (_: Figure, dagloupe: Figure): number => dagloupe.ratio;
  const sixteen = nameOf('HTTP', 1, 16);
  return [
    {
      name: 'events, 1,000 a request',
      atLeast: 0.7,
      unit: 'of the floor',
      ...reached(nameOf('HTTP', BATCH, 1), ratio),
    },
    { name: 'events, one by one', atLeast: 0.6, unit: 'of the floor', ...reached(sixteen, ratio) },
    {
      name: 'p99 of a write',
      below: 2,
      unit: 'times the floor',
      ...reached(sixteen, (floor, { p99 }) => p99 / floor.p99),
    },
  ];
}
