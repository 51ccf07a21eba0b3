import { Fault } from '../errors.ts';
import type { Limits } from './limits.ts';

/** As much of an `AbortSignal` as is looked at: a whole one is costly to make. */
export type Signal = Pick<AbortSignal, 'aborted'>;

/** What is left to one request, or to one event of a subscription, of the rows, bytes and time that the limits give it. */
export class Budget {
  readonly #limits: Limits;
  readonly #signal: Signal | undefined;
  #deadline: number;
  #rows = 0;
  #bytes = 0;

  /** Time runs from now on; it is also up when the signal is aborted. */
  constructor(limits: Limits, signal?: Signal) {
    this.#limits = limits;
    this.#signal = signal;
    this.#deadline = performance.now() + limits.requestTimeoutMs;
  }

  /** Gives everything anew: for the next event of a subscription. */
  renew(): void {
    this.#rows = 0;
    this.#bytes = 0;
    this.#deadline = performance.now() + this.#limits.requestTimeoutMs;
  }

  /** One with all rows and bytes, but no more time: for what is done over again. */
  unspent(): Budget {
    const budget = new Budget(this.#limits, this.#signal);
    budget.#deadline = this.#deadline;
    return budget;
  }

  get rowsLeft(): number {
    return Math.max(0, this.#limits.maxRows - this.#rows);
  }

  get bytesLeft(): number {
    return Math.max(0, this.#limits.maxReadBytes - this.#bytes);
  }

  /** Throws LIMIT_EXCEEDED when there are not as many rows left. */
  spendRows(count: number): void {
    this.#rows += count;
    if (this.#rows <= this.#limits.maxRows) return;
    throw exceeded(
      `The answer takes more than ${this.#limits.maxRows} rows. Ask for smaller pages, filter, or nest less.`,
    );
  }

  /** Throws LIMIT_EXCEEDED when there are not as many bytes left. */
  spendBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes <= this.#limits.maxReadBytes) return;
    throw exceeded(
      `The inputs and outputs asked for have more than ${this.#limits.maxReadBytes} bytes. Ask for the io of fewer nodes at once.`,
    );
  }

  /** Throws LIMIT_EXCEEDED when the time is up. */
  checkTime(): void {
    if (performance.now() <= this.#deadline && !this.#signal?.aborted) return;
    throw exceeded(
      `The request took longer than ${this.#limits.requestTimeoutMs} ms or was given up. Ask for less at once.`,
    );
  }
}

function exceeded(message: string): Fault {
  return new Fault('LIMIT_EXCEEDED', message);
}
