import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { addRun, newFile } from './files.ts';

let folder: string;
let path: string;
let writer: Database.Database;
let store: Store;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'dags.db');
  writer = newFile(path);
  addRun(writer, 'first');
  store = await openLythonicStore(path);
});
afterEach(async () => {
  await store.close();
  writer.close();
  await rm(folder, { recursive: true });
});

const count = async (): Promise<number> => (await store.runPage({}, { limit: 1_000 })).length;

test('A writer in the middle of a transaction holds nobody up, and shows nothing of it', async () => {
  writer.exec('BEGIN IMMEDIATE');
  addRun(writer, 'second');
  expect(store.runPage({}, { limit: 10 })).toHaveLength(1);
  writer.exec('COMMIT');
  expect(store.runPage({}, { limit: 10 })).toHaveLength(2);
});

test('Reads wait for a writer that keeps the file to itself, and do not hold up the process meanwhile', async () => {
  writer.exec('BEGIN EXCLUSIVE');
  addRun(writer, 'second');
  const reads = Promise.all([count(), count(), store.runsByIds(['second']), openLythonicStore(path)]);
  // The writer is in this process: if reads held it up, it could never commit.
  await wait(1_000);
  writer.exec('COMMIT');
  const [one, other, found, opened] = await reads;
  expect([one, other, found.length]).toEqual([2, 2, 1]);
  await opened.close();
});

test('A file that stays locked is a fault that says so', async () => {
  writer.exec('BEGIN EXCLUSIVE');
  const busy = { code: 'STORE_BUSY', message: expect.stringContaining(path) };
  await Promise.all([
    expect(count()).rejects.toMatchObject(busy),
    expect(async () => store.check()).rejects.toMatchObject(busy),
    expect(openLythonicStore(path)).rejects.toMatchObject(busy),
  ]);
  writer.exec('COMMIT');
  expect(await count()).toBe(1);
});

test('A writer in another process that opens the file for each write is never refused, and every write is seen', async () => {
  const process = fork(join(import.meta.dirname, 'writerProcess.ts'), [path, '400'], { execArgv: [] });
  let ended: unknown;
  process.once('exit', (code) => {
    ended = code;
  });
  let seen = await count();
  while (ended === undefined) {
    const now = await count();
    expect(now).toBeGreaterThanOrEqual(seen);
    seen = now;
    await new Promise(setImmediate);
  }
  expect(ended).toBe(0);
  expect(await count()).toBe(401);
});

test('A writer that is killed in a transaction leaves nothing of it to see', async () => {
  const process = fork(join(import.meta.dirname, 'writerProcess.ts'), [path, 'unfinished'], { execArgv: [] });
  await once(process, 'message');
  process.kill('SIGKILL');
  await once(process, 'exit');
  expect(await count()).toBe(1);
  expect((await store.runsByIds(['first']))[0]).toMatchObject({ status: 'completed' });
});
