import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { Feed, type TreeChanges, type Wake } from '../../../src/store/feed.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, finished, started } from '../../support/events.ts';
import { borrowDatabase, giveBack, type TestDatabase } from '../../support/postgres.ts';

/** Longer than a test: what comes, comes by notices. */
const LATE = 600_000;
const ALL = 1_000_000;

let database: TestDatabase;
let here: Store;
let there: Store;
beforeEach(async () => {
  database = await borrowDatabase();
  [{ store: here }, { store: there }] = await Promise.all([
    openPostgresStore(database.url),
    openPostgresStore(database.url),
  ]);
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  await giveBack(database);
});

const record = async (store: Store, ...events: RunEvent[]): Promise<void> => {
  const recorded = await store.record(events);
  if (!recorded.ok) throw new Error(recorded.refusals[0]?.message);
};

/** Everything that follows from a cursor on, step by step. */
async function allChanges(store: Store, from: string | null, limit: number): Promise<TreeChanges[]> {
  const steps: TreeChanges[] = [];
  let cursor = from;
  for (let more = true; more; ) {
    const step = await store.treeChanges('r', cursor, limit);
    if (!step) break;
    steps.push(step);
    ({ cursor, more } = step);
  }
  return steps;
}

describe('Two servers over one database', () => {
  test('see at once what the other has recorded', async () => {
    await record(here, created('r'));
    expect(await there.runsByIds(['r'])).toHaveLength(1);
    await record(there, started('r', 'a'));
    expect(await here.nodesByRuns(['r'], {}, 9)).toHaveLength(1);
  });

  test('wake each other, and those who follow a tree or all runs there are told', async () => {
    await record(here, created('r'));
    const feed = new Feed(there, { sweepEvery: LATE });
    const tree = feed.tree('r', null);
    const runs = feed.runs(null);
    await tree.next();
    await runs.next();
    // Listening begins with the first follower, and is heard to have begun by a wake.
    const [more, all] = [tree.next(), runs.next()];
    await record(here, started('r', 'a'), created('other'));
    expect((await more).value).toMatchObject({ nodes: [{ nodeLabel: 'a' }] });
    expect((await all).value).toMatchObject({ runs: [{ runId: 'other' }] });
    const last = tree.next();
    await record(here, finished('r'));
    expect((await last).value).toMatchObject({ runs: [{ status: 'completed' }], ended: true });
    feed.close();
  });

  test('take notices that are none of theirs for a wake of anything', async () => {
    const wakes: Wake[] = [];
    const [{ channel } = { channel: '' }] = await database.query<{ channel: string }>(
      "SELECT 'dagloupe_' || md5(current_database() || '/' || current_schema()) AS channel",
    );
    there.onWake((wake) => wakes.push(wake));
    await vi.waitFor(() => expect(wakes).toEqual([null]));
    for (const notice of ['hello', '7', 'null', '{"roots":7}', '{"roots":[7]}', '{"sender":"x","roots":["r"]}']) {
      await database.query('SELECT pg_notify($1, $2)', [channel, notice]);
    }
    await vi.waitFor(() => expect(wakes).toEqual([null, null, null, null, null, null, ['r']]));
  });

  test('wake each other when very many trees changed at once, too', async () => {
    const woken: unknown[] = [];
    const heard = new Promise<void>((resolve) => {
      there.onWake((wake) => {
        woken.push(wake);
        if (woken.length > 1) resolve();
      });
    });
    const events = Array.from({ length: 1_000 }, (_, i) => created(`a run with a long name ${i}`));
    await expect.poll(() => woken.length).toBeGreaterThan(0);
    await record(here, ...events);
    await heard;
    expect(woken.at(-1)).toBeNull();
  });

  test('cannot both create one run', async () => {
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all([
        here.record([created(`r${i}`, { dagNsref: 'here' }), started(`r${i}`, 'a')]),
        there.record([created(`r${i}`, { dagNsref: 'there' }), started(`r${i}`, 'a')]),
      ]);
      expect(answers.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    }
  });

  test('both create one run with the same content, and it is there once', async () => {
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all([here, there].map((store) => store.record([created(`r${i}`)])));
      expect(answers.map((answer) => answer.ok && answer.changed[0]).toSorted()).toEqual([false, true]);
    }
    expect(await here.runPage({}, { limit: 100 })).toHaveLength(20);
  });

  test('write to one tree at the same time: each event counts once, and no cursor leads past one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            atHere: fc.boolean(),
            label: fc.integer({ min: 0, max: 15 }),
            limit: fc.constantFrom(1, 3, ALL),
          }),
          {
            minLength: 5,
            maxLength: 30,
          },
        ),
        async (steps) => {
          const root = `r`;
          await record(here, created(root));
          const seen = new Map<string, string>();
          let cursor: string | null = null;
          let isOver = false;
          // Someone follows all the while.
          const following = (async () => {
            while (!isOver) {
              const part: TreeChanges | null = await there.treeChanges(root, cursor, 2);
              if (!part) break;
              for (const { nodeLabel, status } of part.nodes) seen.set(nodeLabel, status);
              cursor = part.cursor;
            }
          })();
          await Promise.all(
            steps.map(async ({ atHere, label }) => {
              const store = atHere ? here : there;
              await record(store, started(root, `${label}`), completed(root, `${label}`, { outputJson: '1' }));
            }),
          );
          isOver = true;
          await following;
          for (const part of await allChanges(there, cursor, 3)) {
            for (const { nodeLabel, status } of part.nodes) seen.set(nodeLabel, status);
          }
          const nodes = await here.nodesByRuns([root], {}, ALL);
          expect(new Map(nodes.map(({ nodeLabel, status }) => [nodeLabel, status]))).toEqual(seen);
          expect(new Set(seen.keys())).toEqual(new Set(steps.map(({ label }) => `${label}`)));
          await Promise.all([here.close(), there.close()]);
          await giveBack(database);
          database = await borrowDatabase();
          ({ store: here } = await openPostgresStore(database.url));
          ({ store: there } = await openPostgresStore(database.url));
        },
      ),
      { numRuns: 15 },
    );
  });

  test('decide on a run as it is once the other has let go of its tree', async () => {
    await record(here, created('r'), created('below', { parentRunId: 'r', dagNsref: 'dags:r/a[]' }));
    const other = database.query(`
      BEGIN; SELECT 1 FROM dag_runs WHERE run_id = 'r' FOR UPDATE; SELECT pg_sleep(0.2);
      UPDATE dag_runs SET status = 'completed', status_at = 5, finished_at = 5, version = 2 WHERE run_id = 'below';
      UPDATE dag_runs SET tree_version = 2 WHERE run_id = 'r'; COMMIT`);
    const sleeping = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    await expect.poll(() => database.query(sleeping)).toHaveLength(1);
    const answers = await Promise.all([
      here.record([finished('below', { status: 'failed' })]),
      there.record([started('r', 'b')]),
    ]);
    await other;
    expect(answers).toMatchObject([{ ok: false, refusals: [{ code: 'CONFLICT' }] }, { ok: true }]);
    expect(await here.treeChanges('r', '2', ALL)).toMatchObject({ cursor: '3', nodes: [{ nodeLabel: 'b' }] });
  });

  test('tell in one look which of many trees the other has changed, or are gone', async () => {
    await record(here, created('r'), created('s'), created('t'));
    const trees = await here.treeCursors(await here.runsByIds(['r', 's', 't']));
    const asked = [...trees, { runId: 'gone', cursor: '1' }].map(({ runId, cursor }) => ({ rootRunId: runId, cursor }));
    await record(there, started('s', 'a'));
    expect((await here.movedTrees?.(asked))?.toSorted()).toEqual(['gone', 's']);
  });

  test('create and end runs at the same time, and whoever follows all runs misses none', async () => {
    const seen = new Map<string, string>();
    let { cursor } = await there.runChanges(null, ALL);
    let isOver = false;
    const look = async (): Promise<boolean> => {
      const part = await there.runChanges(cursor, 7);
      for (const { runId, status } of part.runs) seen.set(runId, status);
      expect(part.reset).toBe(false);
      cursor = part.cursor;
      return part.more;
    };
    const following = (async () => {
      while (!isOver) await look();
    })();
    await Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const [first, second] = i % 3 ? [here, there] : [there, here];
        await record(first, created(`run ${i}`));
        await record(second, finished(`run ${i}`));
      }),
    );
    isOver = true;
    await following;
    while (await look());
    expect(seen).toEqual(new Map(Array.from({ length: 120 }, (_, i) => [`run ${i}`, 'completed'])));
  });

  test('share a lane of commits as well', async () => {
    await database.query('DELETE FROM commit_lanes WHERE lane > 0');
    const { store: third } = await openPostgresStore(database.url);
    const { store: fourth } = await openPostgresStore(database.url);
    const { cursor } = await here.runChanges(null, ALL);
    await Promise.all(Array.from({ length: 50 }, (_, i) => record(i % 2 ? third : fourth, created(`run ${i}`))));
    expect((await here.runChanges(cursor, ALL)).runs).toHaveLength(50);
    await third.close();
    await fourth.close();
    await database.query('INSERT INTO commit_lanes SELECT lane, 0 FROM generate_series(1, 63) AS lanes (lane)');
  });
});

test('A transaction that is larger than a part comes whole, and with it nothing twice', async () => {
  await record(here, created('r'));
  await record(here, ...Array.from({ length: 50 }, (_, i) => started('r', `many ${i}`)));
  await record(here, started('r', 'after'));
  const parts = await allChanges(here, null, 3);
  const labels = parts.flatMap(({ nodes }) => nodes.map(({ nodeLabel }) => nodeLabel));
  expect(labels).toHaveLength(51);
  expect(new Set(labels).size).toBe(51);
  const { cursor } = await here.runChanges(null, ALL);
  await record(here, ...Array.from({ length: 50 }, (_, i) => created(`run ${i}`)));
  const part = await here.runChanges(cursor, 3);
  expect(part.runs).toHaveLength(50);
  expect(await here.runChanges(part.cursor, 3)).toMatchObject({ runs: [], more: false, reset: false });
});

describe('Reading from a replica', () => {
  test('what was just written is read from the primary server', async () => {
    const behind = await borrowDatabase();
    const { store: elsewhere } = await openPostgresStore(behind.url);
    await record(elsewhere, created('old'));
    const { store } = await openPostgresStore(database.url, { readUrl: behind.url });
    await record(store, created('new'));
    const ids = async (from: Store): Promise<string[]> =>
      (await from.runPage({}, { limit: 9 })).map(({ runId }) => runId);
    expect(await ids(store)).toEqual(['old']);
    expect(await ids(store.upToDate ?? store)).toEqual(['new']);
    // Cursors are of the same state as what is read beside them; what has changed since is told by the primary server.
    expect(await store.treeCursors(await store.runsByIds(['old']))).toHaveLength(1);
    expect(await store.treeChanges('new', null, 9)).toMatchObject({ runs: [{ runId: 'new' }] });
    await store.close();
    await elsewhere.close();
    await giveBack(behind);
  });
});
