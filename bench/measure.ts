/** Times subjects against each other: warmed up, in interleaved rounds, so that all of them meet the same machine. */
import type { Section } from './section.ts';

export interface Subject {
  readonly name: string;
  /** One piece of the work that is timed. */
  run(): unknown;
}

export interface Trial {
  readonly name: string;
  /** The first subject is what the others are held against. */
  readonly subjects: readonly [Subject, ...Subject[]];
  /** How many things one run does; figures are per thing. */
  readonly perRun?: number;
  dispose?(): Promise<void>;
}

interface Figure {
  readonly trial: string;
  readonly subject: string;
  /** Median time in milliseconds. */
  readonly median: number;
  /** Half of all rounds took between these times. */
  readonly quartiles: readonly [number, number];
  /** The first subject's median over this one's: 1 is as fast as that, 0.5 takes twice the time. */
  readonly ratio: number;
}

const ROUNDS = 15;
const WARM_UP = 3;
/** How long a subject runs in each round, in milliseconds. */
const ROUND_MS = 60;

/** Measures one trial after the other. */
export async function* timed(trials: AsyncIterable<Trial>): AsyncGenerator<Section> {
  for await (const trial of trials) {
    const figures = await measure(trial);
    await trial.dispose?.();
    yield { title: trial.name, lines: figures.map(line), figures };
  }
}

async function measure(trial: Trial): Promise<Figure[]> {
  const times = trial.subjects.map((): number[] => []);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [index, subject] of trial.subjects.entries()) {
      const time = (await timeOf(subject)) / (trial.perRun ?? 1);
      if (round >= 0) times[index]?.push(time);
    }
  }
  const figures = trial.subjects.map(({ name }, index) => {
    const sorted = (times[index] ?? []).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { trial: trial.name, subject: name, median: at(0.5), quartiles: [at(0.25), at(0.75)] as const };
  });
  const floor = figures[0]?.median ?? Number.NaN;
  return figures.map((figure) => ({ ...figure, ratio: floor / figure.median }));
}

async function timeOf({ run }: Subject): Promise<number> {
  const started = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    await run();
    runs += 1;
    elapsed = performance.now() - started;
  } while (elapsed < ROUND_MS);
  return elapsed / runs;
}

function line({ subject, median, quartiles, ratio }: Figure): string {
  const [low, high] = quartiles.map((time) => time.toFixed(3));
  return `${subject.padEnd(34)} ${median.toFixed(3).padStart(10)} ms  (${low} to ${high})  ${ratio.toFixed(2).padStart(6)}`;
}
