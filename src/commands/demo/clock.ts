import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../time.ts';

export interface ClockOptions {
  /** Seconds since the epoch; the present if absent. */
  readonly startsAt?: number;
  /** How many of its seconds pass in one second. */
  readonly speed?: number;
  /** How many of its seconds it sleeps when told to sleep one. */
  readonly stretch?: number;
  /** Ends every sleep: it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** The time in which a pipeline runs: that of the wall, or a past that goes by faster. */
export class Clock {
  readonly signal: AbortSignal;
  readonly #begin = now();
  readonly #startsAt: number;
  readonly #speed: number;
  readonly #stretch: number;

  constructor({ startsAt, speed = 1, stretch = 1, signal }: ClockOptions) {
    this.signal = signal;
    this.#startsAt = startsAt ?? this.#begin;
    this.#speed = speed;
    this.#stretch = stretch;
  }

  /** Seconds since the epoch. */
  now(): number {
    return this.#startsAt + (now() - this.#begin) * this.#speed;
  }

  async sleep(seconds: number): Promise<void> {
    await sleep((seconds * this.#stretch * 1000) / this.#speed, undefined, { signal: this.signal });
  }
}
