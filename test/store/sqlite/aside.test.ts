import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { isHuge } from '../../../src/store/sqlite/aside.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, finished, started } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';

const NODES = 5_000;

/** A run with so many nodes. */
function hugeRun(runId: string): RunEvent[] {
  const nodes = Array.from({ length: NODES }, (_, i) => [started(runId, `node ${i}`), completed(runId, `node ${i}`)]);
  return [created(runId), ...nodes.flat(), finished(runId)];
}

const changed = Array.from({ length: NODES * 2 + 2 }, () => true);

let folder: string;
let store: Store;
let transactions: number;
beforeEach(async () => {
  folder = await temporaryFolder();
  transactions = 0;
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

const countOf = async (runId: string): Promise<number> => (await store.nodesByRuns([runId], {}, NODES)).length;

describe('Batches are huge', () => {
  test('if there are many events or edges in them, or much text, together', () => {
    const long = JSON.stringify('x'.repeat(600_000));
    expect(isHuge([[created('r')]])).toBe(false);
    expect(isHuge([[created('r', { sourceInputsJson: long })]])).toBe(false);
    expect(isHuge([[created('r', { sourceInputsJson: long })], [started('r', 'a', { inputJson: long })]])).toBe(true);
    expect(isHuge([hugeRun('r')])).toBe(true);
    const edges = (count: number) => Array(count).fill({ upstreamLabel: 'a', downstreamLabel: 'b' });
    expect(isHuge([[completed('r', 'b', { edges: edges(1_000) })]])).toBe(false);
    expect(isHuge([[completed('r', 'b', { edges: edges(5_000) })]])).toBe(true);
    expect(isHuge(Array.from({ length: 3_000 }, (_, i) => [created(`run ${i}`)]))).toBe(true);
  });
});

describe('A huge batch', () => {
  test('is recorded while reads go on, which see nothing of it before all of it is there', async () => {
    await store.record([created('before')]);
    transactions = 0;
    let isRecorded = false;
    const recording = store.record(hugeRun('r')).then(async (recorded) => {
      isRecorded = true;
      return { recorded, found: await countOf('r') };
    });
    let turns = 0;
    for (; !isRecorded; turns++) {
      expect(store.runsByIds(['before'])).toHaveLength(1);
      expect([0, NODES]).toContain(await countOf('r'));
      await nextTurn();
    }
    expect(await recording).toEqual({ recorded: { ok: true, changed }, found: NODES });
    expect(turns).toBeGreaterThan(20);
    expect(transactions).toBe(0);
  });

  test('is refused as a whole', async () => {
    const recorded = await store.record([...hugeRun('r'), started('nowhere', 'a')]);
    expect(recorded).toMatchObject({ ok: false, refusals: [{ code: 'RUN_NOT_FOUND', event: changed.length }] });
    expect(await store.runsByIds(['r'])).toEqual([]);
  });

  test('is followed by what was sent after it', async () => {
    const answers = await Promise.all([
      store.record(hugeRun('r')),
      store.record([created('s')]),
      store.record([created('r', { dagNsref: 'another' })]),
      store.record(hugeRun('r')),
    ]);
    expect(answers).toMatchObject([
      { ok: true, changed },
      { ok: true, changed: [true] },
      { ok: false, refusals: [{ code: 'CONFLICT' }] },
      { ok: true, changed: changed.map(() => false) },
    ]);
  });

  test('wakes those who listen, for its trees', async () => {
    const wakes: unknown[] = [];
    const stop = store.onWake((wake) => wakes.push(wake));
    await store.record(hugeRun('r'));
    stop();
    expect(wakes).toContainEqual(['r']);
  });

  test('may be huge because of its texts, which are kept as they are', async () => {
    const text = JSON.stringify('"ä\u0000€'.repeat(300_000));
    await store.record([created('r', { sourceInputsJson: text })]);
    expect(transactions).toBe(0);
    expect(await store.runPayloads(['r'])).toMatchObject([{ inputJson: text }]);
  });

  test('takes none of those with it that came along, when it meets a fault', async () => {
    const db = new Connection(store.location);
    db.script(`CREATE TRIGGER no_place BEFORE INSERT ON dag_runs WHEN NEW.run_id = 'guilty'
      BEGIN SELECT RAISE(ABORT, 'no place for it'); END`);
    db.close();
    const guilty = store.record(hugeRun('guilty'));
    await expect(guilty).rejects.toThrow('no place for it');
    expect(await store.record(hugeRun('r'))).toEqual({ ok: true, changed });
    expect(await store.runsByIds(['guilty'])).toEqual([]);
  });

  test('leaves nothing for the next one, if it cannot be handed over as a whole', async () => {
    const foreign = { ...started('r', 'last'), toString: () => 'not plain data' };
    await expect(store.record([...hugeRun('r'), foreign])).rejects.toThrow('could not be cloned');
    expect(await store.record(hugeRun('s'))).toEqual({ ok: true, changed });
    expect(await store.runsByIds(['r'])).toEqual([]);
  });

  test('is waited for by whoever closes the store, also when it waits for another process', async () => {
    const foreign = new Connection(store.location);
    foreign.script('BEGIN IMMEDIATE');
    const recording = store.record(hugeRun('r'));
    const closing = store.close();
    await wait(200);
    foreign.script('COMMIT');
    expect(await recording).toEqual({ ok: true, changed });
    await closing;
    expect(foreign.get('SELECT count(*) AS nodes FROM node_executions')).toEqual({ nodes: NODES });
    foreign.close();
    expect(existsSync(`${store.location}-wal`)).toBe(false);
  });
});

test('Huge batches come one after the other, and the file is let go of in the end', async () => {
  for (const runId of ['a', 'b', 'c']) expect(await store.record(hugeRun(runId))).toEqual({ ok: true, changed });
  await store.close();
  expect(existsSync(`${store.location}-wal`)).toBe(false);
});
