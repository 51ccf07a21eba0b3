/**
 * Many servers and many runs: SQLite and PostgreSQL side by side, each against hand-written code that does the same work over
 * HTTP. That over `pg` has a pool of ten connections, prepared statements, and a transaction for each request; that over
 * better-sqlite3 is the floor of the other trials.
 */
import type { BareStart } from '../floor/writer.ts';
import { type Goal, highest, lowest, type Reached, withGoals } from '../goals.ts';
import { type Figure, type Subject, type Trial, timed } from '../measure.ts';
import { listQuestions, type Question, treeQuestion } from '../questions.ts';
import { type Cluster, startCluster } from '../scale/cluster.ts';
import { lookOn, type Onlooker } from '../scale/onlooker.ts';
import { type Place, readingPlaces, writingPlaces } from '../scale/places.ts';
import { beginRuns, nextStart, RUN_IDS, writeAt, writeBareAt } from '../scale/writes.ts';
import type { Section } from '../section.ts';
import { post } from '../subjects/post.ts';

const FEW = 10_000;
const MANY = 1_000_000;
const FEW_RUNS = ', 10 thousand runs';
const MANY_RUNS = ', a million runs';
const SERVERS = 3;
/** Lists whose conditions both databases understand as they are written. */
const LISTS = ['roots', 'after a cursor', 'one status'];

export async function* scale(wanted: string): AsyncGenerator<Section> {
  const cluster = await startCluster();
  try {
    yield* withGoals(timed(trials(cluster), wanted), goals);
  } finally {
    await cluster.stop();
  }
}

async function* trials(cluster: Cluster): AsyncGenerator<Trial> {
  yield* reads(cluster);
  yield* writes(cluster);
}

async function* reads(cluster: Cluster): AsyncGenerator<Trial> {
  const few = await readingPlaces(cluster, FEW);
  const many = await readingPlaces(cluster, MANY);
  try {
    for (const tree of ['narrow', 'wide'] as const) {
      const question = treeQuestion(tree);
      yield { name: question.name, subjects: await readers(many, question) };
    }
    for (const question of listQuestions(50).filter(({ name }) => LISTS.some((list) => name.endsWith(`, ${list}`)))) {
      const [first, ...others] = await readers(few, question, FEW_RUNS);
      yield { name: question.name, subjects: [first, ...others, ...(await readers(many, question, MANY_RUNS))] };
    }
  } finally {
    for (const place of [...few, ...many]) await place.close();
  }
}

/** All at one size have to give the same answer. */
async function readers(places: readonly Place[], question: Question, size = ''): Promise<[Subject, ...Subject[]]> {
  const call = JSON.stringify(question.floor);
  const body = JSON.stringify(question.graphql);
  const expected = await post(places[0]?.floor[0] ?? '', call);
  const subjects = places.flatMap(({ name, floor: [floor = ''], dagloupe: [dagloupe = ''] }): Subject[] => {
    const names = namesAt(name, size);
    return [
      { name: names.floor, against: names.floor, expected, run: () => post(floor, call) },
      { name: names.dagloupe, against: names.floor, expected, run: () => post(dagloupe, body) },
    ];
  });
  return atLeastOne(subjects);
}

async function* writes(cluster: Cluster): AsyncGenerator<Trial> {
  const places = await writingPlaces(cluster, SERVERS);
  try {
    for (const { dagloupe } of places) await beginRuns(dagloupe[0] ?? '');
    // Many writers first: one alone would take long until all servers have compiled what they run often.
    for (const servers of [SERVERS, 1]) {
      for (const callers of [64, 16, 1]) {
        const subjects = atLeastOne(places.flatMap((place) => writers(place, servers)));
        yield { name: `events, ${counted(callers, 'writer')}, ${counted(servers, 'server')}`, subjects, callers };
      }
    }
    yield* latency(places);
  } finally {
    for (const place of places) await place.close();
  }
}

/** Each write goes to the next of so many servers. */
function writers({ name, floor, dagloupe }: Place, servers: number): Subject[] {
  const names = namesAt(name);
  const inTurn = (urls: readonly string[]) => {
    let turn = 0;
    return () => urls[turn++ % servers] ?? '';
  };
  const [nextFloor, nextDagloupe] = [inTurn(floor), inTurn(dagloupe)];
  return [
    { name: names.floor, against: names.floor, run: () => writeBareAt(nextFloor(), nextStart()) },
    { name: names.dagloupe, against: names.floor, run: () => writeAt(nextDagloupe(), nextStart()) },
  ];
}

/** From the request at one server to the client of another. A file has no floor: SQLite tells other processes nothing. */
async function* latency(places: readonly Place[]): AsyncGenerator<Trial> {
  const [runId = ''] = RUN_IDS;
  const body = JSON.stringify({
    query: 'subscription ($runId: ID!) { dagRunChanges(runId: $runId) { cursor changedNodes { nodeLabel status } } }',
    variables: { runId },
  });
  const subjects: Subject[] = [];
  const onlookers: Onlooker[] = [];
  for (const { name, floor, dagloupe } of places) {
    const names = namesAt(name);
    const told = async (onlooker: Onlooker, write: (start: BareStart) => Promise<void>): Promise<void> => {
      const start = nextStart(runId);
      await Promise.all([onlooker.sees(start.nodeLabel), write(start)]);
    };
    if (name === 'PostgreSQL') {
      const onlooker = await lookOn(floor[1] ?? '');
      onlookers.push(onlooker);
      subjects.push({
        name: names.floor,
        run: () => told(onlooker, (start) => writeBareAt(floor[0] ?? '', start, true)),
      });
    }
    const onlooker = await lookOn(dagloupe[1] ?? '', body);
    onlookers.push(onlooker);
    const run = () => told(onlooker, (start) => writeAt(dagloupe[0] ?? '', start));
    subjects.push({ name: names.dagloupe, against: names.floor, run });
  }
  yield { name: LATENCY, subjects: atLeastOne(subjects) };
  for (const onlooker of onlookers) onlooker.end();
}

const LATENCY = 'from a write at one server to a subscriber at another';

function namesAt(place: Place['name'], size = '') {
  return { floor: `${place}, floor${size}`, dagloupe: `${place}, dagloupe${size}` };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function atLeastOne(subjects: readonly Subject[]): [Subject, ...Subject[]] {
  const [first, ...others] = subjects;
  if (!first) throw new Error('nobody takes part in the trial');
  return [first, ...others];
}

function goals(figures: readonly Figure[]): Goal[] {
  const of = (trials: string, subject: string): Figure[] =>
    figures.filter((figure) => figure.trial.startsWith(trials) && figure.subject === subject);
  return (['PostgreSQL', 'SQLite'] as const).flatMap((place): Goal[] => {
    const names = namesAt(place);
    const ratios = (trials: string): Reached[] =>
      of(trials, names.dagloupe).map(({ trial, ratio }) => ({ reached: ratio, where: trial }));
    const few = of('list page', namesAt(place, FEW_RUNS).dagloupe);
    const growth = of('list page', namesAt(place, MANY_RUNS).dagloupe).map(({ trial, p50 }) => ({
      reached: p50 / (few.find((figure) => figure.trial === trial)?.p50 ?? Number.NaN),
      where: trial,
    }));
    return [
      { name: `${place}: nested tree`, atLeast: 0.5, unit: 'of the floor', ...lowest(ratios('nested tree')) },
      { name: `${place}: list page of a million runs`, below: 1.3, unit: 'of that of 10 thousand', ...highest(growth) },
      { name: `${place}: events`, atLeast: 0.6, unit: 'of the floor', ...lowest(ratios('events')) },
    ];
  });
}
