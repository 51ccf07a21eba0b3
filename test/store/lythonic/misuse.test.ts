import { execFileSync } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { damage } from '../../support/damage.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { copyFixture } from '../../support/lythonicFixtures.ts';
import { GENERATIONS } from './files.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'dags.db');
});
afterEach(() => rm(folder, { recursive: true }));

const naming = (text: string) => expect.stringMatching(new RegExp(`${path}.*${text}`, 's'));

describe('What is no file of lythonic is refused by name, with what was expected:', () => {
  test('nothing at all', async () => {
    await expect(openLythonicStore(path)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: naming('found'),
    });
  });

  test('nothing in a folder that does not exist', async () => {
    path = join(folder, 'no', 'dags.db');
    await expect(openLythonicStore(path)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: naming('found'),
    });
  });

  test('a folder', async () => {
    await mkdir(path);
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: naming('folder') });
  });

  test('a pipe', async () => {
    execFileSync('mkfifo', [path]);
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: naming('regular') });
  });

  test('text', async () => {
    await writeFile(path, 'run_id,dag_nsref\n'.repeat(1_000));
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: naming('SQLite') });
  });

  test('an empty file', async () => {
    await writeFile(path, '');
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: naming('dag_runs') });
  });

  test.each([
    ['other tables', 'CREATE TABLE customers (name TEXT)'],
    ['a table of that name with other columns', 'CREATE TABLE dag_runs (run_id TEXT, state TEXT)'],
    ['a view of that name', 'CREATE VIEW dag_runs AS SELECT 1 AS run_id'],
    ['a table of that name without rowids', `CREATE TABLE ${GENERATIONS.gen4[0]} WITHOUT ROWID`],
  ])('a SQLite file with %s', async (_, sql) => {
    const db = new Database(path);
    db.exec(sql);
    db.close();
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: naming('dag_runs') });
  });

  test("dagloupe's own file", async () => {
    const own = await openSqliteStore(path);
    await own.close();
    await expect(openLythonicStore(path)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('A damaged file is a fault that says so:', () => {
  test('one that was cut off', async () => {
    path = await copyFixture('gen4-many.db', folder);
    for (const size of [100, 1_000, 5_000, 20_000]) {
      await truncate(path, size);
      await expect(readAll()).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: naming('damaged|SQLite') });
      path = await copyFixture('gen4-many.db', folder);
    }
  });

  test.each(['dag_runs', 'node_executions', 'edge_traversals'])('one with a hole in %s', async (table) => {
    path = await copyFixture('gen4-many.db', folder);
    expect(damage(path, ({ name, pagetype }) => name === table && pagetype === 'leaf')).toBeGreaterThan(0);
    await expect(readAll()).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: naming('damaged') });
  });

  test('one that is overwritten while it is open', async () => {
    path = await copyFixture('gen4-linear.db', folder);
    const store = await openLythonicStore(path);
    await writeFile(path, Buffer.alloc(50_000, 'x'));
    await expect(async () => store.runPage({}, { limit: 10 })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await copyFixture('gen4-linear.db', folder);
    expect(await store.runPage({}, { limit: 10 })).toHaveLength(2);
    await store.close();
  });

  async function readAll(): Promise<void> {
    const store = await openLythonicStore(path);
    try {
      const runs = await store.runPage({}, { limit: 1_000 });
      const runIds = runs.map(({ runId }) => runId);
      await store.nodesByRuns(runIds, {}, 10_000);
      await store.edgesByRuns(runIds, 10_000);
    } finally {
      await store.close();
    }
  }
});

test('A file whose tables are dropped is refused from then on', async () => {
  path = await copyFixture('gen4-linear.db', folder);
  const store = await openLythonicStore(path);
  const db = new Database(path);
  db.pragma('foreign_keys = OFF');
  db.exec('DROP TABLE dag_runs');
  db.close();
  await expect(async () => store.runPage({}, { limit: 10 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await store.close();
});

test('Nothing is recorded in a file of lythonic', async () => {
  path = await copyFixture('gen4-linear.db', folder);
  const store = await openLythonicStore(path);
  expect(store.capabilities.writable).toBe(false);
  await expect(
    store.record([{ type: 'runCreated', runId: 'r', dagNsref: 'd', sourceInputsJson: '{}' }]),
  ).rejects.toMatchObject({ code: 'READ_ONLY_STORE', message: naming('give a path') });
  await store.close();
});

test('A store that was closed says so, and can be closed again', async () => {
  path = await copyFixture('gen4-linear.db', folder);
  const store = await openLythonicStore(path);
  await store.close();
  await store.close();
  await expect(async () => store.runsByIds(['r'])).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: naming('closed'),
  });
});
