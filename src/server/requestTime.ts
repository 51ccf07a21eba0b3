import { type ExecutionResult, GraphQLError } from 'graphql';
import { Fault } from '../errors.ts';

/**
 * The longest time that a request may take. As it is the same for all, the oldest is the first to be late, and one timer does for
 * all of them.
 */
export class RequestTime {
  readonly #ms: number;
  /** In the order in which they came. */
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * Gives LIMIT_EXCEEDED if a result takes too long. What is running is not interrupted here: its context stops it at the next read.
   */
  within(result: Promise<ExecutionResult>): Promise<ExecutionResult> {
    return new Promise((resolve, reject) => {
      const running = { until: performance.now() + this.#ms, giveUp: () => resolve(tooLong(this.#ms)) };
      this.#running.add(running);
      this.#timer ??= setTimeout(this.#look, this.#ms).unref();
      const end =
        <T>(settle: (outcome: T) => void) =>
        (outcome: T): void => {
          this.#running.delete(running);
          settle(outcome);
        };
      result.then(end(resolve), end(reject));
    });
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    for (const running of this.#running) {
      const left = running.until - performance.now();
      if (left > 0) {
        this.#timer = setTimeout(this.#look, Math.ceil(left)).unref();
        return;
      }
      this.#running.delete(running);
      running.giveUp();
    }
  };
}

interface Running {
  /** As `performance.now()` tells it. */
  readonly until: number;
  readonly giveUp: () => void;
}

function tooLong(ms: number): ExecutionResult {
  const message =
    `The request took longer than ${ms} ms and was given up. Ask for less at once. ` +
    'What it was to record may have been recorded: send it again, the same event twice changes nothing.';
  const originalError = new Fault('LIMIT_EXCEEDED', message);
  return { errors: [new GraphQLError(message, { originalError, extensions: { http: { status: 503 } } })] };
}
