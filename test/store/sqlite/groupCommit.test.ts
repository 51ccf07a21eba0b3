import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, finished, started } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';

let folder: string;
let store: Store;
let transactions: number;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'), {
    onStatement: (sql) => {
      if (sql === 'BEGIN IMMEDIATE') transactions++;
    },
  });
  transactions = 0;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const runIds = async (): Promise<string[]> =>
  (await store.runPage({}, { limit: 10_000 })).map(({ runId }) => runId).toSorted();

/** How many transactions there were, on whatever connection. */
function commits(): number | undefined {
  const db = new Connection(store.location);
  const state = db.get<{ commits: number }>('SELECT commits FROM store_state');
  db.close();
  return state?.commits;
}

const recorded = { ok: true, changed: [true] };

describe('Callers who arrive together', () => {
  test('share one transaction', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => store.record([created(`run ${i}`)])));
    expect(answers).toEqual(answers.map(() => recorded));
    expect(transactions).toBe(1);
    expect(await runIds()).toHaveLength(100);
  });

  test('come from anywhere in one turn of the event loop', async () => {
    const soon = (runId: string): Promise<unknown> => Promise.resolve().then(() => store.record([created(runId)]));
    const later = (runId: string): Promise<unknown> =>
      new Promise((resolve) => process.nextTick(() => resolve(store.record([created(runId)]))));
    await Promise.all([store.record([created('a')]), soon('b'), later('c')]);
    expect(transactions).toBe(1);
  });

  test('come in as many turns as bring somebody, if those are short', async () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const answers: Promise<unknown>[] = [];
    const arrive = (...runIds: string[]): void => {
      const [runId, ...later] = runIds;
      if (runId === undefined) return;
      setImmediate(() => arrive(...later));
      answers.push(store.record([created(runId)]));
    };
    arrive('a', 'b', 'c', 'd');
    await vi.waitUntil(() => answers.length === 4);
    clock.mockRestore();
    await Promise.all(answers);
    expect(transactions).toBe(1);
  });

  test('wait no longer than a moment for others, however many come', async () => {
    let arrived = 0;
    let isAnswered = false;
    const arrive = (): void => {
      if (isAnswered) return;
      setImmediate(arrive);
      store.record([created(`run ${arrived++}`)]).then(() => {
        isAnswered = true;
      });
    };
    arrive();
    await vi.waitUntil(() => isAnswered);
    expect(transactions).toBeGreaterThan(0);
  });

  test('are recorded in the order in which they came', async () => {
    const life: RunEvent[] = [created('r'), started('r', 'a'), completed('r', 'a'), finished('r')];
    expect(await Promise.all(life.map((event) => store.record([event])))).toEqual(life.map(() => recorded));
    const [finish, ...rest] = await Promise.all(
      [finished('s'), created('s'), started('s', 'a')].map((event) => store.record([event])),
    );
    expect(finish).toMatchObject({ ok: false, refusals: [{ code: 'RUN_NOT_FOUND' }] });
    expect(rest).toEqual([recorded, recorded]);
    expect(transactions).toBe(2);
  });

  test('stand or fall alone', async () => {
    const answers = await Promise.all([
      store.record([created('a')]),
      store.record([created('b'), started('nowhere', 'x')]),
      store.record([started('b', 'x')]),
      store.record([created('c')]),
      store.record([created('a', { dagNsref: 'other' })]),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, false, true, false]);
    expect(await runIds()).toEqual(['a', 'c']);
    expect(transactions).toBe(1);
  });

  test('are told of a repeat among them', async () => {
    expect(await Promise.all([store.record([created('a')]), store.record([created('a')])])).toEqual([
      recorded,
      { ok: true, changed: [false] },
    ]);
  });

  test('see what they recorded as soon as they are answered', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map(async (runId) => {
        await store.record([created(runId)]);
        expect(await store.runsByIds([runId])).toHaveLength(1);
      }),
    );
  });

  test('wait for no more than a few thousand events of others', async () => {
    const large = (run: string): RunEvent[] => [
      created(run),
      ...Array.from({ length: 3_000 }, (_, i) => started(run, `node ${i}`)),
    ];
    await Promise.all(['a', 'b', 'c'].map((run) => store.record(large(run))));
    expect(commits()).toBe(3);
    await store.record([...large('d'), ...large('e')]);
    expect(commits()).toBe(4);
  });
});

test('Callers who arrive one after the other have a transaction each', async () => {
  for (const runId of ['a', 'b', 'c']) await store.record([created(runId)]);
  expect(transactions).toBe(3);
});

test('A batch without events is recorded', async () => {
  expect(await store.record([])).toEqual({ ok: true, changed: [] });
});

test('A fault of the file hits only the batch that meets it', async () => {
  const db = new Connection(store.location);
  db.script(`CREATE TRIGGER no_place BEFORE INSERT ON dag_runs WHEN NEW.run_id = 'guilty'
    BEGIN SELECT RAISE(ABORT, 'no place for it'); END`);
  db.close();
  const answers = await Promise.allSettled(
    [['a'], ['b', 'guilty'], ['c'], ['guilty'], ['d']].map((ids) => store.record(ids.map((runId) => created(runId)))),
  );
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await runIds()).toEqual(['a', 'c', 'd']);
  expect(await store.record([created('b')])).toEqual(recorded);
});

describe('Closing', () => {
  test('waits for what was accepted, and answers for it', async () => {
    const answers = Array.from({ length: 10 }, (_, i) => store.record([created(`run ${i}`)]));
    await store.close();
    expect(await Promise.all(answers)).toEqual(answers.map(() => recorded));
    store = await openSqliteStore(store.location);
    expect(await runIds()).toHaveLength(10);
  });

  test('accepts nothing more', async () => {
    const closing = store.close();
    const refused = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('runs.db') };
    await expect(store.record([created('late')])).rejects.toMatchObject(refused);
    await closing;
    await expect(store.record([created('later')])).rejects.toMatchObject(refused);
    await expect(async () => store.runsByIds(['late'])).rejects.toMatchObject(refused);
    await expect(async () => store.check()).rejects.toMatchObject(refused);
  });

  test('can be asked for twice', async () => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });
});
