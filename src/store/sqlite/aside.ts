import { extname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Fault, type FaultCode } from '../../errors.ts';
import type { RunEvent } from '../../model.ts';
import type { EventLimits } from '../ledger/check.ts';
import type { Commit } from './events.ts';

type Batches = readonly (readonly RunEvent[])[];

/** What the thread is to know from the start. */
export interface Place {
  readonly path: string;
  readonly limits: EventLimits;
}

/** The next events of a batch; or that all have come and are to be recorded, or that they are not; or that nothing comes any more. */
export type Order = { readonly batch: number; readonly events: readonly RunEvent[] } | 'record' | 'forget' | 'end';

/** What became of batches that were to be recorded. */
export type Outcome =
  | { readonly commit: Commit }
  | { readonly fault: { readonly code: FaultCode; readonly message: string } };

/** More than this takes 10 to 20 milliseconds. */
const HUGE = { events: 2_000, textLength: 1024 * 1024 };

/** An edge that comes with an event takes as long as so much of one. */
const PER_EDGE = 0.5;

/** What is handed over in one go takes about a millisecond. */
const PART = { events: 500, textLength: 256 * 1024 };

/** How long the thread stays when nothing is to be done, in milliseconds. */
const STAYS = 10_000;

/** Whether batches, together, take too long to record for others to wait. */
export function isHuge(batches: Batches): boolean {
  let events = 0;
  let textLength = 0;
  for (const batch of batches) {
    for (const event of batch) {
      events += 1 + edgesOf(event) * PER_EDGE;
      textLength += textLengthOf(event);
      if (events > HUGE.events || textLength > HUGE.textLength) return true;
    }
  }
  return false;
}

/**
 * Records huge batches in a thread of its own, over a connection of its own: in one transaction like any others, while this thread
 * goes on to read what was there before. The thread is there while it is needed, and a little longer.
 */
export class Aside {
  readonly #place: Place;
  #thread: Thread | null = null;
  #idle: NodeJS.Timeout | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Not to be called again before it has answered. */
  async record(batches: Batches): Promise<Commit> {
    clearTimeout(this.#idle);
    if (!this.#thread || this.#thread.hasEnded) this.#thread = new Thread(this.#place);
    try {
      return await this.#thread.record(batches);
    } finally {
      this.#idle = setTimeout(() => void this.end(), STAYS).unref();
    }
  }

  /** Resolves when no thread has the file open. It is not to record anything meanwhile. */
  end(): Promise<void> {
    clearTimeout(this.#idle);
    if (this.#thread) this.#ended = this.#thread.end();
    this.#thread = null;
    return this.#ended;
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #exit = Promise.withResolvers<void>();
  #waiting: PromiseWithResolvers<Outcome> | null = null;
  hasEnded = false;

  constructor(place: Place) {
    const script = join(import.meta.dirname, `asideThread${extname(import.meta.filename)}`);
    this.#worker = new Worker(script, { workerData: place, execArgv: [] });
    this.#worker.on('message', (outcome: Outcome) => this.#waiting?.resolve(outcome));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => {
      this.#fail(
        new Fault('STORE_UNAVAILABLE', `${place.path}: the thread that records huge batches ended; try again`),
      );
      this.#exit.resolve();
    });
  }

  async record(batches: Batches): Promise<Commit> {
    this.#worker.ref();
    const waiting = Promise.withResolvers<Outcome>();
    this.#waiting = waiting;
    try {
      const [outcome] = await Promise.all([waiting.promise, this.#hand(batches)]);
      if ('fault' in outcome) throw new Fault(outcome.fault.code, outcome.fault.message);
      return outcome.commit;
    } finally {
      this.#waiting = null;
      // Whoever forgets to close the store is not kept from ending.
      this.#worker.unref();
    }
  }

  end(): Promise<void> {
    this.#worker.ref();
    this.#order('end');
    return this.#exit.promise;
  }

  async #hand(batches: Batches): Promise<void> {
    try {
      for (const [batch, all] of batches.entries()) {
        for (const events of parts(all)) {
          this.#order({ batch, events });
          await breathe();
        }
      }
    } catch (error) {
      // Else it would be recorded with what comes next.
      this.#order('forget');
      throw error;
    }
    this.#order('record');
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }

  #fail(reason: unknown): void {
    this.hasEnded = true;
    this.#waiting?.reject(reason);
  }
}

/** At least one, which may be empty. */
function* parts(events: readonly RunEvent[]): Generator<readonly RunEvent[]> {
  let start = 0;
  let textLength = 0;
  for (const [index, event] of events.entries()) {
    textLength += textLengthOf(event);
    if (index - start < PART.events && textLength < PART.textLength) continue;
    yield events.slice(start, index);
    start = index;
    textLength = textLengthOf(event);
  }
  yield events.slice(start);
}

function edgesOf(event: RunEvent): number {
  return event.type === 'nodeCompleted' ? (event.edges?.length ?? 0) : 0;
}

/** Of what can be long. */
function textLengthOf(event: RunEvent): number {
  switch (event.type) {
    case 'runCreated':
      return event.sourceInputsJson.length;
    case 'runFinished':
      return event.sinkOutputsJson?.length ?? 0;
    case 'nodeStarted':
      return event.inputJson?.length ?? 0;
    case 'nodeCompleted':
    case 'nodeSkipped':
      return event.outputJson?.length ?? 0;
    case 'nodeFailed':
      return event.error.length;
    default:
      return 0;
  }
}
