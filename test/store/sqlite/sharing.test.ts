import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { PATIENCE } from '../../../src/store/embedded/patience.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { created } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { OtherProcess } from '../../support/otherProcess.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const runIds = async (): Promise<string[]> => (await store.runPage({}, { limit: 10_000 })).map(({ runId }) => runId);

describe('Two processes with one file', () => {
  let other: OtherProcess;
  beforeAll(async () => {
    other = await OtherProcess.start();
  });
  beforeEach(() => other.open(store.location));
  afterEach(() => other.close());
  afterAll(() => other.end());

  test('see at once what the other has recorded', async () => {
    await store.record([created('here')]);
    expect(await other.runIds()).toEqual(['here']);
    await other.record([created('there')]);
    expect((await runIds()).toSorted()).toEqual(['here', 'there']);
  });

  test('both record as much as they like at the same time, and nothing is lost', async () => {
    const both = [store, other].flatMap((side, number) =>
      Array.from({ length: 200 }, async (_, i) => {
        await wait(Math.random() * 300);
        return side.record([created(`${number}.${i}`)]);
      }),
    );
    for (const recorded of await Promise.all(both)) expect(recorded).toEqual({ ok: true, changed: [true] });
    expect(await runIds()).toHaveLength(400);
    expect(await other.runIds()).toEqual(await runIds());
  });

  test('cannot both create one run', async () => {
    const answers = await Promise.all([
      store.record([created('r', { dagNsref: 'here' })]),
      other.record([created('r', { dagNsref: 'there' })]),
    ]);
    expect(answers.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    expect(await runIds()).toEqual(['r']);
  });

  test('go on when the other has closed the file', async () => {
    await other.close();
    await store.record([created('here')]);
    await other.open(store.location);
    expect(await other.runIds()).toEqual(['here']);
  });
});

describe('While a foreign connection holds the lock for writing', () => {
  let foreign: Connection;
  beforeEach(async () => {
    await store.record([created('before')]);
    foreign = new Connection(store.location);
    foreign.script('BEGIN IMMEDIATE');
  });
  afterEach(() => foreign.close());

  test('reads go on', async () => {
    expect(store.runsByIds(['before'])).toMatchObject([{ runId: 'before' }]);
    expect(store.check()).toBeUndefined();
  });

  test('a write waits, and neither the process nor its reads do', async () => {
    let answered = false;
    const recorded = store.record([created('r')]).finally(() => {
      answered = true;
    });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await wait(1_000);
    expect(answered).toBe(false);
    expect(ticks).toBeGreaterThan(10);
    expect(await runIds()).toEqual(['before']);
    foreign.script('COMMIT');
    expect(await recorded).toEqual({ ok: true, changed: [true] });
    clearInterval(timer);
    expect((await runIds()).toSorted()).toEqual(['before', 'r']);
  });

  test('a write that waits too long is refused, and nothing of it is written', { timeout: PATIENCE * 4 }, async () => {
    const [one, another] = await Promise.allSettled([store.record([created('r')]), store.record([created('s')])]);
    const busy = { status: 'rejected', reason: { code: 'STORE_BUSY', message: expect.stringContaining('try again') } };
    expect([one, another]).toMatchObject([busy, busy]);
    foreign.script('COMMIT');
    expect(await runIds()).toEqual(['before']);
    expect(await store.record([created('r'), created('s')])).toEqual({ ok: true, changed: [true, true] });
  });

  test('closing waits for the writes that wait', async () => {
    const recorded = store.record([created('r')]);
    const closed = store.close();
    await wait(50);
    foreign.script('COMMIT');
    expect(await recorded).toEqual({ ok: true, changed: [true] });
    await closed;
    expect(foreign.get("SELECT 1 AS found FROM dag_runs WHERE run_id = 'r'")).toEqual({ found: 1 });
  });
});

test('A store can be opened while another process writes to the file', async () => {
  const foreign = new Connection(store.location);
  foreign.script('BEGIN IMMEDIATE');
  const second = await openSqliteStore(store.location);
  expect(await second.runPage({}, { limit: 1 })).toEqual([]);
  await second.close();
  foreign.close();
});

test('A new file that is locked is opened when the lock is gone', async () => {
  const path = join(folder, 'new.db');
  const foreign = new Connection(path, { create: true });
  foreign.script('BEGIN EXCLUSIVE');
  const opening = openSqliteStore(path);
  await wait(100);
  foreign.script('COMMIT');
  const second = await opening;
  expect(await second.record([created('r')])).toEqual({ ok: true, changed: [true] });
  await second.close();
  foreign.close();
});
