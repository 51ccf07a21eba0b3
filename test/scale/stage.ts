/** Runners who report through several servers, and people who follow; to see what is left of it all when something breaks. */
import { setTimeout } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { Client } from '../client/follow/client.ts';
import { freshTree, Site } from '../client/follow/site.ts';
import type { Cluster } from './cluster.ts';
import { Overseer } from './overseer.ts';
import { Runner } from './runner.ts';
import { nestedRun } from './script.ts';

export interface Cast {
  /** Each reports a run of its own. */
  readonly runners: number;
  /** Each follows one run. */
  readonly clients: number;
  /** Each follows the list of active runs. */
  readonly overseers: number;
  /** How long a runner waits after each report. */
  readonly pauseMs: number;
}

/** What is left to look at, after all has ended well. */
export interface Outcome {
  readonly runners: readonly Runner[];
  readonly clients: readonly Client[];
}

/**
 * Has all of them at work while `disturb` does what it does, then lets the runs end. Holds that nothing acknowledged is lost,
 * nothing was recorded twice, and everyone who followed ended up with what the database has.
 *
 * @param store The database as it can be opened afterwards.
 */
export async function perform(
  { url }: Cluster,
  store: string,
  cast: Cast,
  disturb: () => Promise<void>,
): Promise<Outcome> {
  const runIds = Array.from({ length: cast.runners }, (_, index) => `run-${index}`);
  const runners = runIds.map(() => new Runner(url));
  const overseers = Array.from({ length: cast.overseers }, () => new Overseer(url));
  let isOver = false;
  const reports = runIds.map((runId, index) =>
    runners[index]?.report(
      nestedRun(runId, () => isOver),
      cast.pauseMs,
    ),
  );
  const haveBegun = () => runners.every(({ acknowledged }) => acknowledged.length > 0);
  await vi.waitFor(() => expect(haveBegun()).toBe(true), PATIENCE);
  const clients = Array.from(
    { length: cast.clients },
    (_, index) => new Client(url, runIds[index % runIds.length] ?? '', { retryDelay: () => 50 }),
  );

  await disturb();
  isOver = true;
  await soon('all reports are acknowledged', Promise.all(reports));
  await soon('all who follow have come to the end', Promise.all(clients.map(({ end }) => end)));
  const completed = new Map(runIds.map((runId) => [runId, 'COMPLETED']));
  await vi.waitFor(
    () => expect(overseers.map(({ statuses }) => statuses)).toEqual(overseers.map(() => completed)),
    PATIENCE,
  );
  await Promise.all(overseers.map((overseer) => overseer.end()));

  await expectAllOnce(store, url, runners, runIds);
  for (const [index, client] of clients.entries()) {
    expect(client.told).toEqual(await freshTree(url, runIds[index % runIds.length] ?? ''));
    expect(client.updates.filter(({ reset }) => reset)).toHaveLength(1);
  }
  expect(overseers.map(({ resets, errors }) => ({ resets, errors }))).toEqual(
    overseers.map(() => ({ resets: 1, errors: [] })),
  );
  return { runners, clients };
}

const PATIENCE = 30_000;

/** Says what did not come, where a test would only say that it took too long. */
function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  const late = setTimeout(PATIENCE, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(`not in time: ${what}`)),
  );
  return Promise.race([promise, late]);
}

/** The trees are those of a store that got each event once, and to have an event again changes nothing. */
async function expectAllOnce(
  path: string,
  url: string,
  runners: readonly Runner[],
  runIds: readonly string[],
): Promise<void> {
  await using other = await Site.open();
  const { store } = await openStore(path);
  for (const [index, { acknowledged }] of runners.entries()) {
    await other.writeAll(acknowledged);
    const runId = runIds[index] ?? '';
    expect(await freshTree(url, runId)).toEqual(await other.fresh(runId));
    expect(await store.record(acknowledged)).toEqual({ ok: true, changed: acknowledged.map(() => false) });
  }
  await store.close();
}
