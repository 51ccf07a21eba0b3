import { resume } from '../../client/follow/resume.ts';
import { Retry, type RetryOptions } from '../../client/follow/retry.ts';
import type { Subscribe } from '../../client/follow/subscribe.ts';
import { ActiveRunChangesDocument, type ActiveRunChangesSubscription } from '../../client/gql/graphql.ts';
import { findRunId } from '../inspect/findRun.ts';
import type { Source } from './source.ts';

export interface ChooseOptions extends RetryOptions {
  readonly signal: AbortSignal;
  /** Hears that no run is active. */
  readonly onWait: () => void;
}

/**
 * The id of the run to follow: the one with this id or beginning of it; else the newest that is active, or the next to start.
 * Null if the signal ended the search. @throws Fault
 */
export function chooseRun(source: Source, run: string | undefined, options: ChooseOptions): Promise<string | null> {
  return run === undefined ? nextActive(source.subscribe, options) : find(source, run, options);
}

async function find({ ask }: Source, run: string, { signal, ...options }: ChooseOptions): Promise<string | null> {
  const retry = new Retry(options, signal);
  while (!signal.aborted) {
    try {
      return await findRunId(ask, run);
    } catch (error) {
      if (!signal.aborted) await retry.failed(error);
    }
  }
  return null;
}

async function nextActive(subscribe: Subscribe, options: ChooseOptions): Promise<string | null> {
  const open = async (after: string | null) =>
    changesOf(await subscribe(ActiveRunChangesDocument, { after }, options.signal));
  for await (const { reset, changedRuns } of resume({ ...options, open, hasEnded: () => false })) {
    const active = changedRuns.filter(({ status }) => status === 'RUNNING');
    // One that was not there at first may have ended before it was heard of.
    const found = active.length > 0 || reset ? active : changedRuns;
    const [newest] = found.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    if (newest) return newest.runId;
    options.onWait();
  }
  return null;
}

async function* changesOf(
  events: AsyncIterable<ActiveRunChangesSubscription>,
): AsyncGenerator<ActiveRunChangesSubscription['activeRunChanges']> {
  for await (const { activeRunChanges } of events) yield activeRunChanges;
}
