/** Times subjects against each other: warmed up, in interleaved rounds, so that all of them meet the same machine. */
import { type Goal, goalsSection } from './goals.ts';
import { quantiles } from './quantile.ts';
import type { Section } from './section.ts';
import { type Column, digits, table } from './table.ts';

export interface Subject {
  readonly name: string;
  /** The subject that it is held against: the first one if absent. */
  readonly against?: string;
  /** One piece of the work that is timed. What it gives is its answer. */
  run(): unknown;
}

export interface Trial {
  readonly name: string;
  readonly subjects: readonly [Subject, ...Subject[]];
  /** Whether all subjects have to give the same answer. It is looked at once, before anything is timed. */
  readonly sameAnswer?: boolean;
  /** How many things one run does; times and rates are per thing. */
  readonly perRun?: number;
  /** How many are at it at the same time; one if absent. */
  readonly callers?: number;
  dispose?(): Promise<void>;
}

/** How a subject did in a trial. Times are in milliseconds. */
export interface Figure {
  readonly trial: string;
  readonly subject: string;
  /** Median time per thing: the round's time over all that was done in it. */
  readonly median: number;
  /** Half of all rounds took between these times. */
  readonly quartiles: readonly [number, number];
  readonly perSecond: number;
  /** Time of the subject that it is held against over its own, the median of all rounds: 0.5 takes twice the time. */
  readonly ratio: number;
  /** Of single runs, as their caller sees them. */
  readonly p50: number;
  readonly p99: number;
}

const ROUNDS = 11;
/** How long a subject runs in each round at least, in milliseconds. */
const ROUND_MS = 30;
/** How long, and how often, each subject runs before that at least: machines compile what they run often. */
const WARM_UP_MS = 200;
const WARM_UP_RUNS = 30;

/**
 * Measures those trials whose name has `wanted` in it, one after the other, and then says what was reached of the goals.
 */
export async function* timed(
  trials: AsyncIterable<Trial>,
  wanted: string,
  goals: (figures: readonly Figure[]) => readonly Goal[],
): AsyncGenerator<Section> {
  const all: Figure[] = [];
  for await (const trial of trials) {
    try {
      if (!trial.name.includes(wanted)) continue;
      const figures = await measure(trial);
      all.push(...figures);
      yield { title: trial.name, lines: table(COLUMNS, figures), figures };
    } finally {
      await trial.dispose?.();
    }
  }
  yield goalsSection('Goals, each where it is hardest', goals(all));
}

async function measure(trial: Trial): Promise<Figure[]> {
  if (trial.sameAnswer) await compareAnswers(trial);
  const courses = trial.subjects.map(() => ({ times: [] as number[], latencies: [] as number[] }));
  const { callers = 1, perRun = 1 } = trial;
  for (const subject of trial.subjects) await run(subject, { ms: WARM_UP_MS, runs: WARM_UP_RUNS, callers });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, subject] of trial.subjects.entries()) {
      const { time, latencies } = await run(subject, { ms: ROUND_MS, runs: 1, callers });
      courses[index]?.times.push(time / perRun);
      for (const latency of latencies) courses[index]?.latencies.push(latency);
    }
  }
  return trial.subjects.map(({ name, against }, index) => {
    const { times = [], latencies = [] } = courses[index] ?? {};
    const other = trial.subjects.findIndex((subject) => subject.name === against);
    const others = courses[Math.max(other, 0)]?.times ?? [];
    const at = quantiles(times);
    const latencyAt = quantiles(latencies);
    return {
      trial: trial.name,
      subject: name,
      median: at(0.5),
      quartiles: [at(0.25), at(0.75)],
      perSecond: 1000 / at(0.5),
      ratio: quantiles(times.map((time, round) => (others[round] ?? Number.NaN) / time))(0.5),
      p50: latencyAt(0.5),
      p99: latencyAt(0.99),
    };
  });
}

async function compareAnswers({ name, subjects }: Trial): Promise<void> {
  const expected = await subjects[0].run();
  for (const subject of subjects) {
    const answer = await subject.run();
    if (answer === expected) continue;
    const [one, other] = [String(expected), String(answer)];
    const at = Array.from(one).findIndex((character, index) => character !== other[index]);
    const shown = (text: string): string => text.slice(Math.max(0, at - 60), at + 200);
    throw new Error(`${name}: expected of ${subject.name}\n${shown(one)}\nbut got\n${shown(other)}`);
  }
}

interface Effort {
  /** For how long, in milliseconds, and how often at least. */
  readonly ms: number;
  readonly runs: number;
  readonly callers: number;
}

/** Gives the time per run, and how long each run took. */
async function run(subject: Subject, { ms, runs, callers }: Effort): Promise<{ time: number; latencies: number[] }> {
  const latencies: number[] = [];
  const started = performance.now();
  const call = async (): Promise<void> => {
    for (let now = performance.now(); now - started < ms || latencies.length < runs; ) {
      const begun = now;
      await subject.run();
      now = performance.now();
      latencies.push(now - begun);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { time: (performance.now() - started) / latencies.length, latencies };
}

const COLUMNS: readonly Column<Figure>[] = [
  { head: '', of: ({ subject }) => subject },
  { head: 'ms each', of: ({ median }) => median.toFixed(3) },
  { head: 'half of them within', of: ({ quartiles: [low, high] }) => `${low.toFixed(3)} to ${high.toFixed(3)}` },
  { head: '/s', of: ({ perSecond }) => perSecond.toFixed(0) },
  { head: 'ratio', of: ({ ratio }) => ratio.toFixed(2) },
  { head: 'p50 ms', of: ({ p50 }) => digits(p50) },
  { head: 'p99 ms', of: ({ p99 }) => digits(p99) },
];
