import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { Turn } from '../../../src/store/embedded/turn.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { created } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

test('All reads of one turn of the event loop are of one state, and the next turn sees the newest', async () => {
  const store = await openSqliteStore(path);
  await store.record([created('a')]);
  expect(await store.runsByIds(['a', 'b'])).toHaveLength(1);
  const foreign = new Connection(path);
  foreign.run("UPDATE dag_runs SET status = 'odd'");
  expect(await store.runsByIds(['a', 'b'])).toMatchObject([{ status: 'running' }]);
  await nextTurn();
  expect(await store.runsByIds(['a', 'b'])).toMatchObject([{ status: 'odd' }]);
  foreign.close();
  await store.close();
});

test('What is recorded in a turn is seen in it', async () => {
  const store = await openSqliteStore(path);
  await store.record([created('a')]);
  expect(await store.runsByIds(['a', 'b'])).toHaveLength(1);
  await store.record([created('b')]);
  expect(await store.runsByIds(['a', 'b'])).toHaveLength(2);
  await store.close();
});

test('An error that ends a turn’s transaction is told as it is', () => {
  const db = new Connection(path, { create: true });
  const turn = new Turn(db);
  const failing = (): never => {
    // As SQLite does by itself after an error of the disk.
    db.script('ROLLBACK');
    throw new Error('the disk has gone');
  };
  expect(() => turn.read(failing)).toThrow('the disk has gone');
  expect(turn.read(() => db.get('SELECT 1 AS one'))).toEqual({ one: 1 });
  db.close();
});
