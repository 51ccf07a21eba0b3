import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { Feed } from '../../../src/store/feed.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { Passage } from '../../client/follow/passage.ts';
import { completed, created, failed, finished, restarted, started } from '../../support/events.ts';
import { borrowDatabase, giveBack, type TestDatabase } from '../../support/postgres.ts';

/** A port on which nobody listens. */
const NOWHERE = 1;

let database: TestDatabase;
let port: number;
let passage: Passage;
let store: Store;
beforeEach(async () => {
  database = await borrowDatabase();
  const url = new URL(database.url);
  port = Number(url.port);
  passage = await Passage.to(port);
  url.port = String(passage.port);
  ({ store } = await openPostgresStore(url.href, { statementTimeoutMs: 1_000 }));
});
afterEach(async () => {
  await store.close();
  await passage.close();
  await giveBack(database);
});

const HISTORY: readonly RunEvent[] = [
  created('r', { at: 1 }),
  started('r', 'a', { at: 2, inputJson: '1' }),
  completed('r', 'a', { at: 3, outputJson: '2', edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] }),
  finished('r', { at: 4, status: 'failed' }),
  restarted('r', { at: 5 }),
  started('r', 'b', { at: 6 }),
];

describe('When the answer to a commit is lost', () => {
  test('it is found that all is recorded, and nothing is recorded twice', async () => {
    passage.loseAnswerTo('COMMIT\0');
    expect(await store.record(HISTORY)).toEqual({ ok: true, changed: HISTORY.map(() => false) });
    expect(await database.query('SELECT run_id, tree_version::int, restarts FROM dag_runs')).toEqual([
      { run_id: 'r', tree_version: 1, restarts: 1 },
    ]);
    expect(await store.nodesByRuns(['r'], {}, 9)).toHaveLength(2);
    expect(await store.record([completed('r', 'b')])).toEqual({ ok: true, changed: [true] });
  });

  test('the same is found of events that do not say when they happened', async () => {
    await store.record([created('r'), started('r', 'a')]);
    const again = [failed('r', 'a'), finished('r', { status: 'failed' }), restarted('r'), started('r', 'a')];
    passage.loseAnswerTo('COMMIT\0');
    expect(await store.record(again)).toEqual({ ok: true, changed: again.map(() => false) });
    expect(await store.nodesByRuns(['r'], {}, 9)).toMatchObject([{ nodeLabel: 'a', status: 'running' }]);
    expect(await database.query('SELECT attempt FROM node_executions')).toEqual([{ attempt: 2 }]);
  });

  test('those who follow the tree are told of it', async () => {
    await store.record([created('r')]);
    const feed = new Feed(store, { sweepEvery: 600_000 });
    const follower = feed.tree('r', null);
    await follower.next();
    const more = follower.next();
    // Reads end with COMMIT, too; the payload goes with the commit of what is written.
    passage.loseAnswerTo('"a payload"');
    const event = started('r', 'a', { inputJson: '"a payload"' });
    expect(await store.record([event])).toEqual({ ok: true, changed: [false] });
    expect((await more).value).toMatchObject({ nodes: [{ nodeLabel: 'a' }] });
    feed.close();
  });

  test('everyone who shared the commit has an answer', async () => {
    await store.record([created('r')]);
    passage.loseAnswerTo('COMMIT\0');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.record([started('r', `${i}`)])));
    for (const answer of answers) expect(answer.ok).toBe(true);
    expect(await store.nodesByRuns(['r'], {}, 99)).toHaveLength(20);
  });
});

test('Whatever connections the database ends, nothing acknowledged is lost and nothing is recorded twice', async () => {
  let isOver = false;
  const killing = (async () => {
    while (!isOver) {
      await wait(100 * Math.random());
      await database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    }
  })();
  try {
    await Promise.all(
      Array.from({ length: 8 }, async (_, runner) => {
        const run = `run ${runner}`;
        const record = async (event: RunEvent): Promise<void> => {
          expect(await store.record([event])).toMatchObject({ ok: true });
        };
        await record(created(run));
        for (let i = 0; i < 10; i++) {
          await record(started(run, `${i}`, { inputJson: `${i}` }));
          await record(completed(run, `${i}`, { outputJson: `${i}` }));
        }
        await record(finished(run));
      }),
    );
  } finally {
    isOver = true;
    await killing;
  }
  const rows = await database.query(`
    SELECT r.status, r.tree_version::int AS version, count(*) FILTER (WHERE n.status = 'completed')::int AS nodes
    FROM dag_runs AS r JOIN node_executions AS n ON n.run_id = r.run_id GROUP BY r.run_id`);
  // One event, one version: no more of them were written than there were.
  expect(rows).toEqual(Array.from({ length: 8 }, () => ({ status: 'completed', version: 22, nodes: 10 })));
}, 60_000);

describe('A database that is away', () => {
  test('for a moment only makes a write wait', async () => {
    await store.record([created('r')]);
    passage.leadTo(NOWHERE);
    passage.cut();
    const recorded = store.record([started('r', 'a')]);
    await wait(300);
    passage.leadTo(port);
    expect(await recorded).toEqual({ ok: true, changed: [true] });
  });

  test('is told to those who read, and to all who write at once, in a bounded time', async () => {
    passage.leadTo(NOWHERE);
    passage.cut();
    const unavailable = expect.objectContaining({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be reached/),
    });
    await expect(store.runsByIds(['r'])).rejects.toEqual(unavailable);
    const writes = Array.from({ length: 20 }, (_, i) => store.record([created(`${i}`)]));
    for (const { status } of await Promise.allSettled(writes)) expect(status).toBe('rejected');
    await expect(async () => store.check()).rejects.toEqual(unavailable);
    passage.leadTo(port);
    await store.check();
  }, 60_000);

  test('is told to those who follow, who go on from their cursors without a gap once it is back', async () => {
    await store.record([created('r')]);
    const feed = new Feed(store, { sweepEvery: 50 });
    const follower = feed.tree('r', null);
    await follower.next();
    const waiting = follower.next();
    passage.leadTo(NOWHERE);
    passage.cut();
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    passage.leadTo(port);
    await store.record([started('r', 'a')]);
    const next = await feed.tree('r', follower.cursor).next();
    expect(next.value).toMatchObject({ reset: false, nodes: [{ nodeLabel: 'a' }] });
    feed.close();
  });

  test('and does not say so is noticed', async () => {
    await store.record([created('r')]);
    passage.dam();
    expect(await store.record([started('r', 'a')])).toMatchObject({ ok: true });
    expect(await store.nodesByRuns(['r'], {}, 9)).toHaveLength(1);
  }, 60_000);
});

test('Other servers are heard again when the connection for that was lost', async () => {
  const { store: other } = await openPostgresStore(database.url);
  let wakes = 0;
  const stop = store.onWake(() => {
    wakes += 1;
  });
  await expect.poll(() => wakes).toBe(1);
  passage.cut();
  // It says so by a wake: nobody knows what was missed.
  await expect.poll(() => wakes).toBe(2);
  await other.record([created('r')]);
  await expect.poll(() => wakes).toBe(3);
  stop();
  await other.close();
});
