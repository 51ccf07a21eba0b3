import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { Recorded, RunEvent } from '../../model.ts';
import type { EventLimits } from '../ledger/check.ts';
import { Ledger } from '../ledger/ledger.ts';
import { mayHelp } from './faults.ts';
import type { Line } from './line.ts';
import { lockAndLoad } from './load.ts';
import type { Session } from './session.ts';
import { writes } from './write.ts';

/** What became of some batches, and which trees they changed, by their roots. */
export interface Commit {
  readonly recorded: Recorded[];
  readonly rootRunIds: readonly string[];
}

/** How long a write is tried again before it gives up, in milliseconds. */
export const PATIENCE = 5_000;

/** How long it waits at most until it tries again, in milliseconds. */
const MAX_PAUSE = 250;

/**
 * Records batches in one transaction; each is written as a whole or refused as a whole. When another writer or the network comes in
 * between, all of it is done again. If then the first try was committed after all and only its answer was lost, its events
 * are found there and change nothing.
 */
export async function recordBatches(
  line: Line,
  lane: number,
  batches: readonly (readonly RunEvent[])[],
  limits: EventLimits,
): Promise<Commit> {
  const deadline = performance.now() + PATIENCE;
  for (let tries = 1; ; tries++) {
    try {
      return await tryToRecord(await line.session(), lane, batches, limits);
    } catch (error) {
      // One connection may have been silent for as long as that.
      if (mayHelp(error) === null || (tries > 1 && performance.now() > deadline)) throw error;
    }
    // Not all who met here are to meet again.
    await wait(Math.min(2 ** tries, MAX_PAUSE) * Math.random());
  }
}

async function tryToRecord(
  session: Session,
  lane: number,
  batches: readonly (readonly RunEvent[])[],
  limits: EventLimits,
): Promise<Commit> {
  const ledger = new Ledger(limits);
  try {
    const known = await lockAndLoad(session, ledger, batches.flat());
    const recorded = batches.map((events) => ledger.record(events));
    const changes = ledger.changes();
    const { rootRunIds } = changes;
    if (rootRunIds.length === 0) {
      await session.script('ROLLBACK');
      return { recorded, rootRunIds };
    }
    const statements = await writes(ledger, changes, lane, (runId) => !known.has(runId));
    const answers = await session.batch([...statements, { sql: 'COMMIT' }]);
    if (answers.at(-1)?.command !== 'COMMIT') throw new Fault('INTERNAL', `${session.location} did not commit`);
    return { recorded, rootRunIds };
  } catch (error) {
    // The reason for the rollback matters, not that it could not be sent.
    if (session.isOpen) await session.script('ROLLBACK').catch(() => {});
    throw error;
  }
}
