import { Fault, type FaultCode } from '../../errors.ts';
import { ConnectionLost, NotTheApi } from '../http.ts';

/** How the connection of a follower stands, for whoever wants to show it. */
export type Connection =
  | { readonly state: 'connected' }
  | {
      readonly state: 'lost';
      /** Why. */
      readonly error: Error;
      /** In how many milliseconds the next attempt is made. */
      readonly retryInMs: number;
    };

export interface RetryOptions {
  /** Hears when the connection is made, and each time it is lost or cannot be made. */
  readonly onConnection?: ((connection: Connection) => void) | undefined;
  /** Milliseconds to wait after a number of failures in a row, at least one. By default it grows up to 10 seconds, with full jitter. */
  readonly retryDelay?: ((failures: number) => number) | undefined;
}

/** Faults that trying again does not heal. */
const LASTING: readonly FaultCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_REQUEST'];

/** A connection that held so long failed by something new. */
const SETTLED_MS = 10_000;

/** Waits between attempts, and tells which failures are worth another one. */
export class Retry {
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal;
  #failures = 0;
  #connectedAt = Number.POSITIVE_INFINITY;
  /** Whether there ever was what was looked for. */
  #worked = false;

  constructor(options: RetryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  connected(): void {
    this.#connectedAt = performance.now();
    this.#options.onConnection?.({ state: 'connected' });
  }

  /** The next failure counts as the first again. */
  succeeded(): void {
    this.#worked = true;
    this.#failures = 0;
  }

  /** Waits until the next attempt is due, or nobody wants it any more. Throws what cannot be healed. */
  async failed(error: unknown): Promise<void> {
    if (error instanceof NotTheApi && !this.#worked) throw new Fault('BAD_REQUEST', error.message, { cause: error });
    if (!mayHeal(error)) throw error;
    if (performance.now() - this.#connectedAt > SETTLED_MS) this.#failures = 0;
    this.#connectedAt = Number.POSITIVE_INFINITY;
    this.#failures += 1;
    const { onConnection, retryDelay = fullJitter } = this.#options;
    const retryInMs = retryDelay(this.#failures);
    onConnection?.({ state: 'lost', error, retryInMs });
    await sleep(retryInMs, this.#signal);
  }
}

function mayHeal(error: unknown): error is Error {
  return error instanceof ConnectionLost || (error instanceof Fault && !LASTING.includes(error.code));
}

/** Any time up to a limit that doubles: many clients that lost one server do not come back all at once. */
function fullJitter(failures: number): number {
  return Math.random() * Math.min(10_000, 200 * 2 ** failures);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
