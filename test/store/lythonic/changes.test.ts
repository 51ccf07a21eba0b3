import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunChanges } from '../../../src/store/feed.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { addNode, addRun, newFile } from './files.ts';

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

test('A cursor of a tree stays short, however many sub-runs failed; that one of them goes on is told all the same', async () => {
  addRun(writer, 'root', { status: 'running' });
  writer.transaction(() => {
    for (let i = 0; i < 5_000; i++) {
      addRun(writer, `part ${i}`, { status: 'failed', parent_run_id: 'root', started_at: i });
    }
  })();
  const [place] = await store.treeCursors(await store.runsByIds(['root']));
  const whole = await store.treeChanges('root', null, 10_000);
  for (const cursor of [place?.cursor ?? '', whole?.cursor ?? '']) expect(cursor.length).toBeLessThan(5_000);

  writer.exec("UPDATE dag_runs SET status = 'running' WHERE run_id IN ('part 7', 'part 4999')");
  const newest = await store.treeChanges('root', place?.cursor ?? null, 10_000);
  expect(newest?.runs.map(({ runId, status }) => `${runId} ${status}`)).toEqual(['part 4999 running']);
  addNode(writer, 'part 7', 'a');
  const older = await store.treeChanges('root', newest?.cursor ?? null, 10_000);
  expect(older?.nodes).toMatchObject([{ runId: 'part 7', nodeLabel: 'a', status: 'running' }]);
  expect(older?.around.map(({ runId, status }) => `${runId} ${status}`)).toContain('part 7 running');
});
