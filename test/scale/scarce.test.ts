import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { PostgresOptions } from '../../src/store/postgres/store.ts';
import type { Store } from '../../src/store/store.ts';
import { created, started } from '../support/events.ts';
import { newDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newDatabase();
  onTestFinished(database.drop);
});

async function open(url = database.url, postgres: PostgresOptions = {}): Promise<Store> {
  const { store } = await openStore(url, { postgres });
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

describe('A statement that takes too long', () => {
  test('is given up, with the setting that would have given it more time', async () => {
    const store = await open(database.url, { statementTimeoutMs: 200 });
    await store.record([created('r'), started('r', 'a')]);
    const { release } = await holding('LOCK TABLE node_executions');
    await expect(store.nodesByRuns(['r'], {}, 9)).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: expect.stringMatching(/took too long.*DAGLOUPE_STATEMENT_TIMEOUT_MS/),
    });
    expect(await store.runsByIds(['r'])).toHaveLength(1);
    await release();
    expect(await store.nodesByRuns(['r'], {}, 9)).toHaveLength(1);
  });
});

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

test('Without a connection left in PostgreSQL writers are told so, and write when there is one again', async () => {
  await (await open()).close();
  const role = `few_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1`);
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  await database.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
  const url = new URL(database.url);
  url.username = role;
  const store = await open(url.href);
  await expect(store.record([created('r')])).rejects.toMatchObject({
    code: 'STORE_BUSY',
    message: expect.stringContaining('no connection left'),
  });
  expect(await store.runsByIds(['r'])).toEqual([]);
  await database.query(`ALTER ROLE ${role} CONNECTION LIMIT 9`);
  expect(await store.record([created('r')])).toEqual({ ok: true, changed: [true] });
});
