/** Times subjects against each other: warmed up, in interleaved rounds, so that all of them meet the same machine. */
import { quantiles } from './quantile.ts';
import type { Section } from './section.ts';
import { type Column, digits, table } from './table.ts';

export interface Subject {
  readonly name: string;
  /** The subject that it is held against: the first one if absent. */
  readonly against?: string;
  /** What `run` has to give. It is looked at once, before anything is timed. */
  readonly expected?: string;
  /** One piece of the work that is timed. */
  run(): unknown;
}

export interface Trial {
  readonly name: string;
  readonly subjects: readonly [Subject, ...Subject[]];
  /** How many things one run does; times and rates are per thing. */
  readonly perRun?: number;
  /** How many are at it at the same time; one if absent. */
  readonly callers?: number;
  /** How long each subject runs before anything is timed, in milliseconds, where it takes longer until it goes as it does from then on. */
  readonly warmUpMs?: number;
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

/** Many and short, so that what else the machine does spoils few of them. */
const ROUNDS = 25;
/** A trial that takes longer, in milliseconds, ends with fewer rounds. */
const TRIAL_MS = 10_000;
const FEWEST_ROUNDS = 5;
/** How long a subject runs in each round. */
const ROUND: Spell = { ms: 12, runs: 1, mostMs: 12 };
/** And before that, untimed: after a slow subject's turn, the machine's caches hold nothing of the others. */
const TOUCH: Spell = { ms: 5, runs: 1, mostMs: 5 };
/** How long each subject runs before that: longer if it is slow, since machines compile what they run often. */
const WARM_UP: Spell = { ms: 200, runs: 30, mostMs: 1_500 };

/** A part of what was found out that is of trials. */
export type Timed = Section & { readonly figures: readonly Figure[] };

/** Measures those trials whose name has `wanted` in it, one after the other. */
export async function* timed(trials: AsyncIterable<Trial>, wanted: string): AsyncGenerator<Timed> {
  for await (const trial of trials) {
    if (!trial.name.includes(wanted)) continue;
    const figures = await measure(trial);
    yield { title: trial.name, lines: table(COLUMNS, figures), figures };
  }
}

async function measure(trial: Trial): Promise<Figure[]> {
  for (const subject of trial.subjects) await checkAnswer(subject, trial);
  const courses = trial.subjects.map(() => ({ times: [] as number[], latencies: [] as number[] }));
  const { callers = 1, perRun = 1, warmUpMs } = trial;
  const warmUp = warmUpMs === undefined ? WARM_UP : { ms: warmUpMs, runs: 1, mostMs: warmUpMs };
  for (const subject of trial.subjects) await run(subject, { ...warmUp, callers });
  const started = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() - started > TRIAL_MS) break;
    for (const [index, subject] of trial.subjects.entries()) {
      await run(subject, { ...TOUCH, callers });
      const { time, latencies } = await run(subject, { ...ROUND, callers });
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

async function checkAnswer({ name, expected, run }: Subject, trial: Trial): Promise<void> {
  if (expected === undefined) return;
  const answer = String(await run());
  if (answer === expected) return;
  const at = Array.from(expected).findIndex((character, index) => character !== answer[index]);
  const shown = (text: string): string => text.slice(Math.max(0, at - 60), at + 200);
  throw new Error(`${trial.name}: expected of ${name}\n${shown(expected)}\nbut got\n${shown(answer)}`);
}

interface Spell {
  /** For how long and how often at least, and for how long at most; in milliseconds. */
  readonly ms: number;
  readonly runs: number;
  readonly mostMs: number;
}

/** Gives the time per run, and how long each run took. */
async function run(
  subject: Subject,
  { ms, runs, mostMs, callers }: Spell & { readonly callers: number },
): Promise<{ time: number; latencies: number[] }> {
  const latencies: number[] = [];
  const started = performance.now();
  const call = async (): Promise<void> => {
    for (let elapsed = 0; elapsed < (latencies.length < runs ? mostMs : ms); elapsed = performance.now() - started) {
      const begun = performance.now();
      await subject.run();
      latencies.push(performance.now() - begun);
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
