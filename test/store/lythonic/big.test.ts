import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DagRun } from '../../../src/model.ts';
import { AttachedFile } from '../../../src/store/lythonic/attached.ts';
import { scanPage } from '../../../src/store/lythonic/scan.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { FILTERS, SLICES } from '../sqlite/everyRead.ts';
import { addEdge, addNode, addRun, type GENERATIONS, newFile } from './files.ts';

/** Every file with more rows than this counts as big here. */
const bigFrom = 100;

let folder: string;
let path: string;
let writer: Database.Database;
const opened: { close(): Promise<void> }[] = [];
const usualFolder = process.env.TMPDIR;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'dags.db');
  await mkdir(join(folder, 'tmp'));
  process.env.TMPDIR = join(folder, 'tmp');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  writer.close();
  if (usualFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualFolder;
  await rm(folder, { recursive: true });
});

/** Runs in trees, ten of them at the same time, with ids whose order is not that of their age. */
function fill(generation: keyof typeof GENERATIONS = 'gen4'): void {
  writer = newFile(path, generation);
  writer.transaction(() => {
    for (let i = 0; i < 300; i++) {
      addRun(writer, idOf(i), {
        dag_nsref: `value ${i % 10}`,
        status: ['completed', 'failed', 'running', 'QUEUED'][i % 4],
        started_at: Math.floor(i / 10),
        parent_run_id: i % 5 === 0 ? null : idOf(i - (i % 3 || 1)),
        ...(generation === 'gen4' && { initiated_by: i % 2 ? `value ${i % 7}` : null }),
      });
      addNode(writer, idOf(i), 'a');
      addEdge(writer, idOf(i), 'a', 'b');
    }
  })();
}

const idOf = (i: number): string => `run ${(i * 7) % 300}`;

async function open(options = { bigFrom }): Promise<Store> {
  const store = await openLythonicStore(path, options);
  opened.push(store);
  return store;
}

describe('While the mirror of a big file is in the making', () => {
  test('pages are those that the mirror will give', async () => {
    fill();
    const usual = await open({ bigFrom: 1_000 });
    const file = new AttachedFile(path, { bigFrom });
    opened.push(file);
    for (const [index, filter] of FILTERS.entries()) {
      const slice = SLICES[index % SLICES.length] ?? { limit: 5 };
      expect(await scanPage(file, filter, slice), JSON.stringify({ filter, slice })).toEqual(
        await usual.runPage(filter, slice),
      );
    }
  });

  test('roots are found above any number of levels, also of a circle of parents and below one', async () => {
    writer = newFile(path);
    const parents = { top: null, a: 'top', b: 'a', c: 'b', orphan: 'gone', x: 'y', y: 'x', below: 'x', self: 'self' };
    for (const [runId, parent] of Object.entries(parents)) addRun(writer, runId, { parent_run_id: parent });
    const page = await (await open({ bigFrom: 1 })).runPage({}, { limit: 100 });
    expect(page).toEqual(await (await open({ bigFrom: 1_000 })).runPage({}, { limit: 100 }));
    expect(page).toHaveLength(9);
  });

  test('other reads wait for it, and the check that all is well does not', async () => {
    fill();
    const store = await open();
    expect(store.check()).toBeUndefined();
    const children = store.childrenOf([idOf(0)], 10);
    expect(children).toBeInstanceOf(Promise);
    expect(store.check()).toBeUndefined();
    expect(await children).toHaveLength(2);
    expect(store.childrenOf([idOf(0)], 10)).toHaveLength(2);
  });

  test.each(['gen2', 'gen4'] as const)(
    'what is written meanwhile in a file of %s is not missed',
    async (generation) => {
      fill(generation);
      const store = await open();
      const waiting = store.runsByIds([idOf(2)]);
      addRun(writer, 'new', { parent_run_id: idOf(0), started_at: 1_000 });
      addEdge(writer, 'new', 'a', 'b');
      writer.exec(`UPDATE dag_runs SET status = 'completed' WHERE run_id = '${idOf(2)}'`);
      writer.exec(`DELETE FROM dag_runs WHERE run_id = '${idOf(9)}'`);
      await waiting;
      expect(await store.runsByIds([idOf(2)])).toMatchObject([{ status: 'completed' }]);
      expect(await store.runsByIds(['new', idOf(9)])).toMatchObject([{ runId: 'new', rootRunId: idOf(0) }]);
      expect(await store.edgesByRuns(['new'], 10)).toHaveLength(1);
      expect(await store.runPage({}, { limit: 1 })).toMatchObject([{ runId: 'new' }]);
    },
  );

  test('its tables may be altered', async () => {
    fill('gen2');
    const store = await open();
    const waiting = store.runsByIds([idOf(0)]);
    writer.exec('ALTER TABLE dag_runs ADD COLUMN initiated_by TEXT');
    writer.exec('DROP TABLE edge_traversals');
    await waiting;
    addRun(writer, 'new', { initiated_by: 'ada', started_at: 1_000 });
    expect(await store.runPage({ initiatedBy: { eq: 'ada' } }, { limit: 5 })).toMatchObject([{ runId: 'new' }]);
    expect(await store.edgesByRuns([idOf(0)], 5)).toEqual([]);
  });

  test('a writer that keeps the file to itself for a while only delays it', async () => {
    fill();
    const store = await open();
    const waiting = store.runsByIds([idOf(0)]);
    writer.exec('BEGIN EXCLUSIVE');
    await new Promise((resolve) => setTimeout(resolve, 300));
    writer.exec('COMMIT');
    expect(await waiting).toHaveLength(1);
  });

  test('the store can be closed: who waits is told, and nothing is left behind', async () => {
    fill();
    const store = await openLythonicStore(path, { bigFrom });
    const waiting = expect(async () => store.runsByIds([idOf(0)])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.close();
    await waiting;
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('a folder for temporary files that is not there is a fault, and no longer one when it is back', async () => {
    fill();
    await rm(join(folder, 'tmp'), { recursive: true });
    await expect(openLythonicStore(path, { bigFrom })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('TMPDIR'),
    });
    await mkdir(join(folder, 'tmp'));
    expect(await (await open()).runsByIds([idOf(0)])).toHaveLength(1);
  });
});

test('The mirror of a big file has no name that could be left behind once it is made', async () => {
  fill();
  const store = await open();
  expect(await store.runsByIds([idOf(0)])).toHaveLength(1);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});

test('A big file that is replaced by another is read anew', async () => {
  fill();
  const store = await open();
  expect(await store.runsByIds([idOf(0)])).toHaveLength(1);
  const other = newFile(join(folder, 'other.db'));
  other.transaction(() => {
    for (let i = 0; i < 200; i++) addRun(other, `other ${i}`, { started_at: i });
  })();
  other.close();
  writer.close();
  await rename(join(folder, 'other.db'), path);
  const newest = async (): Promise<DagRun[]> => store.runPage({}, { limit: 1 });
  await expect.poll(newest, { timeout: 10_000 }).toMatchObject([{ runId: 'other 199' }]);
  expect(await store.runsByIds(['other 7', idOf(0)])).toMatchObject([{ runId: 'other 7' }]);
});
