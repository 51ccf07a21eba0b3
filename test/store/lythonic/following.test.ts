import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { addEdge, addNode, addRun, newFile } from './files.ts';

let folder: string;
let path: string;
let writer: Database.Database;
let store: Store;

async function open(generation?: Parameters<typeof newFile>[1]): Promise<void> {
  folder = await temporaryFolder();
  path = join(folder, 'dags.db');
  writer = newFile(path, generation);
  addRun(writer, 'old', { started_at: 1 });
  store = await openLythonicStore(path);
}

afterEach(async () => {
  await store.close();
  writer.close();
  await rm(folder, { recursive: true });
});

const statusOf = async (runId: string): Promise<string | undefined> => (await store.runsByIds([runId]))[0]?.status;
const listed = async (): Promise<string[]> => (await store.runPage({}, { limit: 100 })).map(({ runId }) => runId);

describe.each(['delete', 'wal'])('While others write a file in journal mode %s, the next read sees', (mode) => {
  beforeEach(async () => {
    await open();
    writer.pragma(`journal_mode = ${mode}`);
  });

  test('a run as it goes on, step by step', async () => {
    addRun(writer, 'r', { status: 'running', started_at: 2 });
    expect(await listed()).toEqual(['r', 'old']);
    addNode(writer, 'r', 'a');
    expect(await store.nodesByRuns(['r'], {}, 10)).toMatchObject([{ nodeLabel: 'a', status: 'running' }]);
    writer.exec("UPDATE node_executions SET status = 'completed', finished_at = 3");
    addEdge(writer, 'r', 'a', 'b', 3);
    expect(await store.nodesByRuns(['r'], {}, 10)).toMatchObject([{ status: 'completed', finishedAt: 3 }]);
    expect(await store.edgesByRuns(['r'], 10)).toHaveLength(1);
    writer.exec("UPDATE dag_runs SET status = 'completed', finished_at = 4 WHERE run_id = 'r'");
    expect(await store.runsByIds(['r'])).toMatchObject([{ status: 'completed', finishedAt: 4 }]);
  });

  test('a pause, which leaves no time behind', async () => {
    addRun(writer, 'r', { status: 'running' });
    expect(await statusOf('r')).toBe('running');
    writer.exec("UPDATE dag_runs SET status = 'paused' WHERE run_id = 'r'");
    expect(await statusOf('r')).toBe('paused');
  });

  test('the restart of a failed run, which keeps its old end and replaces its nodes', async () => {
    addRun(writer, 'r', { status: 'failed', finished_at: 5 });
    addNode(writer, 'r', 'a', { status: 'failed', error: 'boom' });
    expect(await statusOf('r')).toBe('failed');
    writer.exec("UPDATE dag_runs SET status = 'running' WHERE run_id = 'r'");
    addNode(writer, 'r', 'a', { started_at: 6 });
    expect(await store.runsByIds(['r'])).toMatchObject([{ status: 'running', finishedAt: 5 }]);
    expect(await store.nodesByRuns(['r'], {}, 10)).toMatchObject([{ status: 'running', startedAt: 6, error: null }]);
  });

  test('sub-runs, also those that are there before their parent', async () => {
    addRun(writer, 'child', { parent_run_id: 'parent', started_at: 3 });
    expect(await store.runsByIds(['child'])).toMatchObject([{ rootRunId: 'child' }]);
    addRun(writer, 'parent', { started_at: 2 });
    expect(await store.runsByIds(['child'])).toMatchObject([{ rootRunId: 'parent' }]);
    expect(await store.childrenOf(['parent'], 10)).toMatchObject([{ runId: 'child' }]);
    writer.exec("DELETE FROM dag_runs WHERE run_id = 'parent'");
    expect(await store.runsByIds(['child'])).toMatchObject([{ parentRunId: 'parent', rootRunId: 'child' }]);
  });

  test('a deleted run no longer, though another got its rowid', async () => {
    addRun(writer, 'newest', { started_at: 2 });
    expect(await listed()).toEqual(['newest', 'old']);
    writer.exec("DELETE FROM dag_runs WHERE run_id = 'newest'");
    addRun(writer, 'another', { started_at: 3 });
    expect(await listed()).toEqual(['another', 'old']);
    writer.exec('DELETE FROM dag_runs');
    expect(await listed()).toEqual([]);
  });

  test('a run that another tool changed after its end', async () => {
    writer.exec("UPDATE dag_runs SET status = 'cancelled', dag_nsref = 'renamed', started_at = 0.5");
    expect(await store.runsByIds(['old'])).toMatchObject([
      { status: 'cancelled', dagNsref: 'renamed', startedAt: 0.5 },
    ]);
  });

  test('thousands of runs at once', async () => {
    writer.transaction(() => {
      for (let i = 0; i < 10_000; i++)
        addRun(writer, `run ${i}`, { parent_run_id: i ? `run ${i - (i % 9 || 1)}` : null });
    })();
    expect(await store.runsByIds(['run 9999', 'run 0'])).toHaveLength(2);
    expect(await store.childrenOf(['run 0'], 10_000)).toHaveLength(8);
  });

  test('the same after VACUUM', async () => {
    for (const runId of ['a', 'b', 'c']) addRun(writer, runId, { started_at: 2 });
    writer.exec("DELETE FROM dag_runs WHERE run_id = 'a'");
    expect(await listed()).toEqual(['c', 'b', 'old']);
    writer.exec('VACUUM');
    addRun(writer, 'd', { started_at: 3 });
    expect(await listed()).toEqual(['d', 'c', 'b', 'old']);
  });
});

test('A column that a newer lythonic adds is read from then on', async () => {
  await open('gen2');
  expect(await store.runsByIds(['old'])).toMatchObject([{ initiatedBy: null }]);
  writer.exec('ALTER TABLE dag_runs ADD COLUMN initiated_by TEXT');
  addRun(writer, 'new', { initiated_by: 'ada' });
  expect(await store.runsByIds(['new'])).toMatchObject([{ initiatedBy: 'ada' }]);
  expect(await store.runPage({ initiatedBy: { eq: 'ada' } }, { limit: 10 })).toMatchObject([{ runId: 'new' }]);
});

test('A table that comes later is read from then on', async () => {
  await open('gen0');
  expect(await store.edgesByRuns(['old'], 10)).toEqual([]);
  writer.exec(
    'CREATE TABLE edge_traversals (run_id TEXT, upstream_label TEXT, downstream_label TEXT, traversed_at REAL)',
  );
  addEdge(writer, 'old', 'a', 'b');
  expect(await store.edgesByRuns(['old'], 10)).toMatchObject([{ upstreamLabel: 'a', downstreamLabel: 'b' }]);
});

test('In a file with more runs than are compared at once, what changed unexpectedly is found after some reads', async () => {
  await open();
  writer.transaction(() => {
    for (let i = 0; i < 9_000; i++) addRun(writer, `run ${i}`);
  })();
  expect(await statusOf('run 8000')).toBe('completed');
  writer.exec(
    "UPDATE dag_runs SET status = 'cancelled' WHERE run_id = 'run 8000'; DELETE FROM dag_runs WHERE run_id = 'old'",
  );
  await expect.poll(() => statusOf('run 8000'), { interval: 5, timeout: 10_000 }).toBe('cancelled');
  await expect.poll(() => statusOf('old'), { interval: 5, timeout: 10_000 }).toBe(undefined);
});

test('In such a file too, a restart is seen at once, before any of its nodes starts', async () => {
  await open();
  addRun(writer, 'r', { status: 'failed', started_at: 5 });
  writer.transaction(() => {
    for (let i = 0; i < 9_000; i++) addRun(writer, `run ${i}`);
  })();
  expect(await statusOf('r')).toBe('failed');
  for (const status of ['running', 'failed', 'running', 'paused', 'completed']) {
    writer.prepare("UPDATE dag_runs SET status = ? WHERE run_id = 'r'").run(status);
    expect(await statusOf('r')).toBe(status);
  }
});

test('A file that is turned to a write-ahead log while it is open is read on', async () => {
  await open();
  expect(await listed()).toEqual(['old']);
  expect(writer.pragma('journal_mode = WAL', { simple: true })).toBe('wal');
  addRun(writer, 'new', { started_at: 2 });
  expect(await listed()).toEqual(['new', 'old']);
});

test('A file that is replaced by another is read anew', async () => {
  await open();
  expect(await listed()).toEqual(['old']);
  const other = newFile(join(folder, 'other.db'));
  addRun(other, 'of the other');
  other.close();
  await rename(join(folder, 'other.db'), path);
  await expect.poll(listed, { timeout: 10_000 }).toEqual(['of the other']);
});

test('A file that is gone is a fault until it is back', async () => {
  await open();
  await rename(path, `${path}.away`);
  await wait(300);
  await expect(listed()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining(path) });
  await expect(async () => store.check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await rename(`${path}.away`, path);
  expect(await listed()).toEqual(['old']);
});

test('Nothing of the file is changed by following it: no table, no setting', async () => {
  await open('gen2');
  const look = () => ({
    schema: writer.prepare('SELECT type, name, sql FROM sqlite_schema').all(),
    settings: ['journal_mode', 'user_version', 'application_id', 'auto_vacuum', 'freelist_count', 'page_count'].map(
      (name) => writer.pragma(name, { simple: true }),
    ),
  });
  const before = look();
  for (let i = 0; i < 50; i++) {
    writer.exec(`UPDATE dag_runs SET started_at = ${i}`);
    expect(await listed()).toEqual(['old']);
  }
  expect(look()).toEqual(before);
});
