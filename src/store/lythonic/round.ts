import type { Mirrored } from './copy.ts';

/** How many rows a step compares: a file with fewer runs is compared whole after each change. */
const STEP = 2_000;
/** How long a round of several steps waits between them, in milliseconds, and as a multiple of the time that they take. */
const PAUSE = 20;
const PAUSES = 20;

/** Comparing all that is mirrored with the file, step by step: what changed unexpectedly is found within a round. */
export class Round {
  /** What this round has still to compare. */
  #left: readonly Mirrored[] = [];
  /** What the next round compares, if the file changed in the middle of this one. */
  #next: readonly Mirrored[] = [];
  #steps = 0;
  #nextAt = 0;
  /** Whether the whole file takes one step, as far as is known. */
  #isShort = true;

  owe(parts: readonly Mirrored[]): void {
    if (this.#steps > 0) this.#next = parts;
    else this.#left = parts;
  }

  /** Begins anew. */
  restart(parts: readonly Mirrored[]): void {
    for (const part of parts) part.rows.startRound();
    this.#steps = 0;
    this.#left = parts;
    this.#next = [];
  }

  /** Whether it is time for a step: a long round is spread out, unless reads wait for it. */
  isDue(urgent: boolean): boolean {
    if (this.#left.length === 0) return false;
    return urgent || this.#isShort || performance.now() >= this.#nextAt;
  }

  /** Gives true at the end of a round. */
  step(): boolean {
    const began = performance.now();
    this.#left = this.#left.filter((part) => {
      const atEnd = part.rows.markChanged(STEP);
      part.refresh();
      return !atEnd;
    });
    this.#steps += 1;
    const ended = performance.now();
    this.#nextAt = ended + Math.max(PAUSE, PAUSES * (ended - began));
    this.#isShort = this.#steps === 1 && this.#left.length === 0;
    if (this.#left.length > 0) return false;
    this.#left = this.#next;
    this.#next = [];
    this.#steps = 0;
    return true;
  }
}
