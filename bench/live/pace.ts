import { setTimeout as wait } from 'node:timers/promises';
import { clock } from './clock.ts';

/** Writes to be made at a steady pace. */
export interface Pace {
  /** Numbers of the first write, and of the first that is not made. */
  readonly from: number;
  readonly until: number;
  readonly perSecond: number;
}

/** Makes the writes; those that are overdue, because a timer came late, at once. Resolves when all are made. */
export async function keepPace({ from, until, perSecond }: Pace, write: (number: number) => unknown): Promise<void> {
  const start = clock();
  const made: unknown[] = [];
  while (from + made.length < until) {
    const due = Math.floor(((clock() - start) * perSecond) / 1000) + 1;
    while (made.length < due && from + made.length < until) made.push(write(from + made.length));
    await wait(Math.max(1, start + (made.length * 1000) / perSecond - clock()));
  }
  await Promise.all(made);
}
