import { Fault } from '../errors.ts';
import type { Recorded, RunEvent } from '../model.ts';
import type { MaybePromise } from './store.ts';

type Batch = readonly RunEvent[];

interface Waiting {
  readonly events: Batch;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

/** Most events that share a transaction, so that one commit does not hold the process up for long. A larger batch has one of its own. */
const MAX_EVENTS = 5_000;

/** How long a group gathers at most while some arrive in every turn of the event loop, in milliseconds. */
const MAX_GATHERING = 2;

/**
 * Lets callers who arrive together share a commit, since a commit costs more than most of what is in it. Each batch still
 * stands or falls alone. While one commit runs, the next group gathers.
 */
export class GroupCommit {
  readonly #commit: (batches: readonly Batch[]) => MaybePromise<Recorded[]>;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | null = null;

  /** `commit` writes all batches in one transaction and answers for each; if it throws, nothing was written. */
  constructor(commit: (batches: readonly Batch[]) => MaybePromise<Recorded[]>) {
    this.#commit = commit;
  }

  record(events: Batch): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything that was accepted is on disk or refused. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      await this.#settle(this.#takeGroup());
    }
    this.#draining = null;
  }

  /** Lets everyone arrive who is about to: until a turn of the event loop has brought nobody. Who was answered together comes back together. */
  async #gather(): Promise<void> {
    const enough = performance.now() + MAX_GATHERING;
    let known: number;
    do {
      known = this.#waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#waiting.length > known && performance.now() < enough);
  }

  #takeGroup(): Waiting[] {
    let events = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      events += waiting.events.length;
      return index > 0 && events > MAX_EVENTS;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      const recorded = await this.#commit(group.map(({ events }) => events));
      group.forEach(({ resolve, reject }, index) => {
        const answer = recorded[index];
        if (answer) resolve(answer);
        else reject(new Fault('INTERNAL', 'the store gave no answer for a batch'));
      });
    } catch (error) {
      // A fault may be due to one of them only: a batch too large for the disk must not take the others with it.
      if (group.length > 1 && !concernsAll(error)) {
        for (const one of group) await this.#settle([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}

/** Whether a fault would meet each of them alone, too. */
function concernsAll(error: unknown): boolean {
  return error instanceof Fault && (error.code === 'STORE_BUSY' || error.code === 'STORE_UNAVAILABLE');
}
