import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { completed, created, finished, started } from '../support/events.ts';
import { newDatabase, type TestDatabase } from '../support/postgres.ts';
import { Wire } from './wire.ts';

let database: TestDatabase;
let wire: Wire;
beforeEach(async () => {
  database = await newDatabase();
  onTestFinished(database.drop);
  wire = await Wire.to(database.url);
});

async function open(url: string, statementTimeoutMs = 10_000): Promise<Store> {
  const { store } = await openStore(url, { postgres: { statementTimeoutMs } });
  onTestFinished(() => store.close());
  return store;
}

const BATCH = [created('r'), started('r', 'a'), completed('r', 'a', { outputJson: '1' }), finished('r')];

describe('A connection that breaks at COMMIT', () => {
  test.each(['requests', 'answers'] as const)(
    'is made anew, and what was on its way is recorded once (it was lost in the %s)',
    async (where) => {
      const store = await open(wire.url);
      const cut = wire.cutAt('COMMIT', where);
      expect(await store.record(BATCH)).toMatchObject({ ok: true });
      await cut;
      const other = await open(database.url);
      expect(await other.nodesByRuns(['r'], {}, 9)).toMatchObject([{ status: 'completed' }]);
      expect(await other.record(BATCH)).toEqual({ ok: true, changed: BATCH.map(() => false) });
      expect(await database.query('SELECT * FROM node_attempts')).toEqual([]);
    },
  );

  test('also takes those along who came together, each with an answer of its own', async () => {
    const store = await open(wire.url);
    await store.record([created('r')]);
    const cut = wire.cutAt('COMMIT', 'answers');
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => store.record([started('r', `node ${index}`)])),
      store.record([completed('r', 'never started')]),
    ]);
    await cut;
    expect(answers.filter(({ ok }) => ok)).toHaveLength(20);
    expect(answers.at(-1)).toMatchObject({ ok: false, refusals: [{ code: 'NODE_NOT_FOUND' }] });
    expect(await store.nodesByRuns(['r'], {}, 99)).toHaveLength(20);
  });
});

test('Whoever reads when the network is cut reads on over another connection', async () => {
  const store = await open(wire.url);
  await store.record(BATCH);
  for (let cuts = 0; cuts < 5; cuts++) {
    const reads = Array.from({ length: 10 }, async () => store.runsByIds(['r']));
    wire.cut();
    for (const runs of await Promise.all(reads)) expect(runs).toMatchObject([{ runId: 'r' }]);
  }
});

test('A connection that is dead without a word is given up in time, and the next one serves', async () => {
  const store = await open(wire.url, 100);
  await store.record(BATCH);
  wire.swallow();
  const [read, written] = await Promise.allSettled([store.runsByIds(['r']), store.record([created('s')])]);
  expect(read).toMatchObject({ status: 'fulfilled', value: [{ runId: 'r' }] });
  expect(written).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
  expect(await store.record([created('s')])).toEqual({ ok: true, changed: [true] });
});
