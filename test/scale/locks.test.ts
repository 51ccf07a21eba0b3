import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { created, started } from '../support/events.ts';
import { newDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newDatabase();
  onTestFinished(database.drop);
});

async function open(url = database.url): Promise<Store> {
  const { store } = await openStore(url);
  onTestFinished(() => store.close());
  return store;
}

/** Somebody else in the database, in a transaction that does not end until it is told to. */
async function holding(statement: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  return { release: () => client.end() };
}

describe('Many writers who meet a lock that others hold', () => {
  const RUNS = Array.from({ length: 50 }, (_, index) => `run ${index}`);

  test('wait for it, while others read, and then all are recorded', async () => {
    const store = await open();
    await store.record(RUNS.map((runId) => created(runId)));
    const { release } = await holding("SELECT 1 FROM dag_runs WHERE run_id = 'run 7' FOR UPDATE");
    const writes = RUNS.map((runId) => store.record([started(runId, 'a')]));
    expect(await store.nodesByRuns(RUNS, {}, 99)).toEqual([]);
    await release();
    expect(await Promise.all(writes)).toEqual(RUNS.map(() => ({ ok: true, changed: [true] })));
    expect(await store.nodesByRuns(RUNS, {}, 99)).toHaveLength(50);
  });

  test('are told that the store is busy when it takes too long, and can write afterwards', async () => {
    const store = await open(`${database.url}?options=${encodeURIComponent('-c lock_timeout=100ms')}`);
    await store.record(RUNS.map((runId) => created(runId)));
    const { release } = await holding("SELECT 1 FROM dag_runs WHERE run_id = 'run 7' FOR UPDATE");
    await expect(store.record([started('run 7', 'a')])).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: expect.stringContaining('try again'),
    });
    await release();
    expect(await store.record([started('run 7', 'a')])).toEqual({ ok: true, changed: [true] });
  });
});
