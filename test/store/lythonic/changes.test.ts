import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunChanges } from '../../../src/store/feed.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { addRun, newFile } from './files.ts';

let folder: string;
let writer: Database.Database;
let store: Store;
beforeEach(async () => {
  folder = await temporaryFolder();
  writer = newFile(join(folder, 'dags.db'));
  store = await openLythonicStore(join(folder, 'dags.db'));
});
afterEach(async () => {
  await store.close();
  writer.close();
  await rm(folder, { recursive: true });
});

function addOpenRuns(count: number, parent: string): void {
  writer.transaction(() => {
    for (let i = 0; i < count; i++) addRun(writer, `${parent} ${i}`, { status: 'running', parent_run_id: parent });
  })();
}

const told = ({ runs }: RunChanges): string[] => runs.map(({ runId, status }) => `${runId} ${status}`);

test('The end of an outermost run is told, though thousands of open sub-runs are newer', async () => {
  const { cursor } = await store.runChanges(null, 10_000);
  addRun(writer, 'root', { status: 'running' });
  addOpenRuns(4_000, 'root');
  const began = await store.runChanges(cursor, 10_000);
  expect(began.runs).toHaveLength(4_001);
  const fresh = await store.runChanges(null, 10_000);
  writer.exec("UPDATE dag_runs SET status = 'completed' WHERE run_id = 'root'");
  expect(told(await store.runChanges(began.cursor, 10_000))).toEqual(['root completed']);
  expect(told(await store.runChanges(fresh.cursor, 10_000))).toEqual(['root completed']);
});

test('A cursor of all runs stays short, however many are open', async () => {
  addRun(writer, 'root', { status: 'running' });
  const { cursor } = await store.runChanges(null, 10_000);
  addOpenRuns(4_000, 'root');
  expect((await store.runChanges(cursor, 10_000)).cursor.length).toBeLessThan(20_000);
  expect((await store.runChanges(null, 10_000)).cursor.length).toBeLessThan(20_000);
});
