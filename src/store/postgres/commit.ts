import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { Recorded, RunEvent } from '../../model.ts';
import { now } from '../../time.ts';
import type { EventLimits } from '../ledger/check.ts';
import { Ledger } from '../ledger/ledger.ts';
import { mayHelp } from './faults.ts';
import type { Line } from './line.ts';
import { lockAndLoad } from './load.ts';
import type { Session, Statement } from './session.ts';
import { type Known, writes } from './write.ts';

/** What became of some batches, and which trees they may have changed, by their roots. */
export interface Commit {
  readonly recorded: Recorded[];
  readonly rootRunIds: readonly string[];
}

/** How long a write is tried again before it gives up, in milliseconds. */
const PATIENCE = 5_000;

/** How long it waits at most until it tries again, in milliseconds. */
const MAX_PAUSE = 250;

/** Records batches in one transaction; each is written as a whole or refused as a whole. */
export function recordBatches(
  line: Line,
  lane: number,
  batches: readonly (readonly RunEvent[])[],
  limits: EventLimits,
): Promise<Commit> {
  const events = batches.flat();
  const times = new FirstTimes();
  return transaction(line, async (session, tries) => {
    const ledger = new Ledger(limits, times.of);
    const there = await lockAndLoad(session, ledger, events);
    const recorded = batches.map((events) => ledger.record(tries === 1 ? events : events.map(times.told)));
    const changes = ledger.changes();
    const known: Known = {
      isNew: (runId) => !there.has(runId),
      rootOf: (runId) => ledger.runs.get(runId)?.rootRunId ?? runId,
      nsrefOf: (runId) => ledger.runs.get(runId)?.dagNsref,
    };
    const { rootRunIds } = changes;
    if (rootRunIds.length === 0) await session.script('ROLLBACK');
    else await commit(session, await writes(changes, known, lane));
    // An earlier try may have changed them, and nobody was told.
    const touched = tries === 1 ? [] : events.map(({ runId }) => known.rootOf(runId));
    return { recorded, rootRunIds: [...new Set([...rootRunIds, ...touched])] };
  });
}

/**
 * When events happened that do not say it, as the first try had it. If that was committed after all, and the answer lost, the next one
 * tells by these times that they were recorded.
 */
class FirstTimes {
  readonly #times = new Map<RunEvent, number>();

  readonly of = (event: RunEvent): number => {
    const at = now();
    this.#times.set(event, at);
    return at;
  };

  /** The event with its time, if it was given one. */
  readonly told = (event: RunEvent): RunEvent => {
    const at = this.#times.get(event);
    return at === undefined ? event : { ...event, at };
  };
}

/**
 * Does work that begins a transaction and ends it. When another writer or the network comes in between, all of it is done again. If
 * then the first try was committed after all and only the answer was lost, what it has written is found there.
 */
export async function transaction<T>(line: Line, work: (session: Session, tries: number) => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (let tries = 1; ; tries++) {
    try {
      return await rolledBackOnError(await line.session(), (session) => work(session, tries));
    } catch (error) {
      // One connection may have been silent for as long as that.
      if (mayHelp(error) === null || (tries > 1 && performance.now() > deadline)) throw error;
    }
    // Not all who met here are to meet again.
    await wait(Math.min(2 ** tries, MAX_PAUSE) * Math.random());
  }
}

/** Ends a transaction with some statements, in one round trip. */
export async function commit(session: Session, statements: readonly Statement[]): Promise<void> {
  const answers = await session.batch([...statements, { sql: 'COMMIT' }]);
  if (answers.at(-1)?.command !== 'COMMIT') throw new Fault('INTERNAL', `${session.location} did not commit`);
}

async function rolledBackOnError<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await work(session);
  } catch (error) {
    // The reason for the rollback matters, not that it could not be sent.
    if (session.isOpen) await session.script('ROLLBACK').catch(() => {});
    throw error;
  }
}
