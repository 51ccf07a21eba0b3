import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/model.ts';
import { type ChangeSource, Feed, type TreeAt, type TreeChanges, type Wake } from '../../src/store/feed.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { created, finished, started } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'));
  await record(created('r'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function record(...events: RunEvent[]): Promise<void> {
  expect(await store.record(events)).toMatchObject({ ok: true });
}

/** The store's changes, with wakes that the test can lose, double or hold back, and a count of reads. */
class Source implements ChangeSource {
  reads = 0;
  listeners = 0;
  isDeaf = false;
  failure: Error | null = null;
  readonly #listeners = new Set<(wake: Wake) => void>();

  treeChanges(root: string, after: string | null, limit: number) {
    this.reads += 1;
    if (this.failure) throw this.failure;
    return store.treeChanges(root, after, limit);
  }

  runChanges(after: string | null, limit: number) {
    this.reads += 1;
    return store.runChanges(after, limit);
  }

  onWake(listener: (wake: Wake) => void): () => void {
    this.listeners += 1;
    this.#listeners.add(listener);
    const stop = store.onWake((wake) => this.isDeaf || listener(wake));
    return () => {
      this.listeners -= 1;
      this.#listeners.delete(listener);
      stop();
    };
  }

  wake(wake: Wake): void {
    for (const listener of this.#listeners) listener(wake);
  }
}

const LATE = 60_000;

const labels = ({ nodes }: TreeChanges): string[] => nodes.map(({ nodeLabel }) => nodeLabel).toSorted();

async function next(follower: AsyncIterator<TreeChanges>): Promise<TreeChanges> {
  const { done, value } = await follower.next();
  if (done) throw new Error('it has ended');
  return value;
}

describe('Followers of one tree', () => {
  test('share one read for each change, however many they are', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: LATE });
    const followers = Array.from({ length: 1_000 }, () => feed.tree('r', null));
    await Promise.all(followers.map(next));
    expect(source.reads).toBe(1);

    for (let change = 1; change <= 5; change++) {
      const waiting = followers.map(next);
      // All are waiting now, not still on their way to it.
      await wait(20);
      const before = source.reads;
      await record(started('r', `node ${change}`));
      for (const changes of await Promise.all(waiting)) expect(labels(changes)).toEqual([`node ${change}`]);
      expect(source.reads - before).toBe(1);
    }
    feed.close();
  });

  test('stop to listen when the last one has gone', async () => {
    const source = new Source();
    const feed = new Feed(source);
    const followers = [feed.tree('r', null), feed.tree('r', null), feed.runs(null)];
    expect(source.listeners).toBe(1);
    for (const follower of followers) await follower.return();
    expect(source.listeners).toBe(0);
  });

  test('can leave while they wait', async () => {
    const feed = new Feed(new Source());
    const follower = feed.tree('r', null);
    await next(follower);
    const waiting = follower.next();
    await wait(20);
    await follower.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await follower.next()).toEqual({ done: true, value: undefined });
  });

  test('are told the newest state in one step when they come late', async () => {
    const feed = new Feed(new Source());
    const follower = feed.tree('r', null);
    await next(follower);
    for (let i = 0; i < 200; i++) await record(started('r', `node ${i}`));
    expect((await next(follower)).nodes).toHaveLength(200);
    feed.close();
  });

  test('get what is much in parts', async () => {
    await record(...Array.from({ length: 50 }, (_, i) => started('r', `node ${i}`)));
    for (let i = 0; i < 50; i++) await record(started('r', `later ${i}`));
    const feed = new Feed(new Source(), { rowsPerStep: 20 });
    const follower = feed.tree('r', null);
    const found: string[] = [];
    for (let parts = 0; found.length < 100; parts++) {
      const part = await next(follower);
      expect(part.reset).toBe(parts === 0);
      found.push(...labels(part));
    }
    expect(new Set(found).size).toBe(100);
    feed.close();
  });

  test('go on from a cursor, and get nothing twice', async () => {
    const feed = new Feed(new Source());
    const first = feed.tree('r', null);
    const { cursor } = await next(first);
    await first.return();
    await record(started('r', 'a'));
    const second = feed.tree('r', cursor);
    expect(labels(await next(second))).toEqual(['a']);
    const waiting = second.next();
    await record(started('r', 'b'));
    expect(labels((await waiting).value as TreeChanges)).toEqual(['b']);
    feed.close();
  });

  test('end when all runs of the tree have ended, after the last change', async () => {
    const feed = new Feed(new Source());
    const follower = feed.tree('r', null);
    await record(started('r', 'a'), finished('r'));
    expect(await next(follower)).toMatchObject({ ended: true, runs: [{ status: 'completed' }] });
    expect((await follower.next()).done).toBe(true);
    const late = feed.tree('r', null);
    expect((await next(late)).reset).toBe(true);
    expect((await late.next()).done).toBe(true);
  });

  test('read again after a read that failed, without waiting for a wake', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: LATE });
    const other = feed.tree('r', null);
    const { cursor } = await next(other);
    source.failure = new Error('the disk is away');
    await expect(feed.tree('r', 'x').next()).rejects.toThrow('the disk is away');
    source.failure = null;
    expect(await next(feed.tree('r', 'x'))).toMatchObject({ reset: true, cursor });
    feed.close();
  });

  test('end at once where there is no such tree', async () => {
    const feed = new Feed(new Source());
    expect((await feed.tree('missing', null).next()).done).toBe(true);
  });
});

describe('A wake', () => {
  test('that is lost is healed by the sweep', async () => {
    const source = new Source();
    source.isDeaf = true;
    const feed = new Feed(source, { sweepEvery: 50 });
    const follower = feed.tree('r', null);
    await next(follower);
    await record(started('r', 'a'));
    expect(labels(await next(follower))).toEqual(['a']);
    feed.close();
  });

  test('that comes twice, too early, or for another tree changes nothing', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: LATE });
    const follower = feed.tree('r', null);
    await next(follower);
    const waiting = next(follower);
    for (let i = 0; i < 10; i++) source.wake(i % 2 ? null : ['other', 'r']);
    await wait(20);
    await record(started('r', 'a'));
    source.wake(['r']);
    source.wake(['r']);
    expect(labels(await waiting)).toEqual(['a']);
    const last = follower.next();
    await record(finished('r'));
    expect((await last).value).toMatchObject({ nodes: [], runs: [{ status: 'completed' }] });
  });

  test('that comes between a read and the wait for it is not missed', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: LATE });
    const follower = feed.tree('r', null);
    for (let i = 0; i < 300; i++) {
      const step = next(follower);
      if (i > 0) await record(started('r', `node ${i}`));
      await step;
    }
    feed.close();
  });
});

describe('A sweep', () => {
  test('reads once for all who wait, and not for those who have yet to take what there is', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: 20 });
    const waiting = Array.from({ length: 100 }, () => feed.tree('r', null));
    await Promise.all(waiting.map(next));
    const steps = waiting.map((follower) => follower.next());
    feed.tree('r', 'a slow one, elsewhere');
    await wait(10);
    source.reads = 0;
    const before = performance.now();
    await wait(200);
    const sweeps = (performance.now() - before) / 20;
    expect(source.reads).toBeGreaterThan(0);
    expect(source.reads).toBeLessThanOrEqual(sweeps + 1);
    feed.close();
    await Promise.allSettled(steps);
  });

  test('asks for many trees at once where the store can, and reads those alone that moved', async () => {
    const roots = Array.from({ length: 1_200 }, (_, i) => `run ${i}`);
    await record(...roots.map((root) => created(root)));
    const source = new Source();
    source.isDeaf = true;
    const asked: number[] = [];
    const movedTrees = async (trees: readonly TreeAt[]): Promise<string[]> => {
      asked.push(trees.length);
      const now = trees.map(async ({ rootRunId, cursor }) => (await store.treeChanges(rootRunId, cursor, 9))?.cursor);
      const cursors = await Promise.all(now);
      return trees.flatMap(({ rootRunId, cursor }, i) => (cursors[i] === cursor ? [] : [rootRunId]));
    };
    const feed = new Feed(Object.assign(source, { movedTrees }), { sweepEvery: 50 });
    const followers = roots.map((root) => feed.tree(root, null));
    await Promise.all(followers.map(next));
    const steps = followers.map((follower) => follower.next());
    source.reads = 0;
    await record(started('run 700', 'a'));
    expect((await steps[700])?.value).toMatchObject({ nodes: [{ nodeLabel: 'a' }] });
    expect(source.reads).toBe(1);
    expect(asked.slice(0, 3)).toEqual([500, 500, 200]);
    feed.close();
    await Promise.allSettled(steps);
  });

  test('has those who wait read for themselves where that fails', async () => {
    const failing = { movedTrees: () => Promise.reject(new Error('the network is away')) };
    const source = Object.assign(new Source(), failing);
    source.isDeaf = true;
    const feed = new Feed(source, { sweepEvery: 20 });
    const follower = feed.tree('r', null);
    await next(follower);
    const step = next(follower);
    await record(started('r', 'a'));
    expect(labels(await step)).toEqual(['a']);
    feed.close();
  });

  test('tells those who wait of a failure', async () => {
    const source = new Source();
    const feed = new Feed(source, { sweepEvery: 20 });
    const follower = feed.tree('r', null);
    await next(follower);
    const step = follower.next();
    source.failure = new Error('the disk is away');
    await expect(step).rejects.toThrow('the disk is away');
  });
});

test('A closed feed fails its followers, as what they follow has not ended', async () => {
  const feed = new Feed(new Source());
  const follower = feed.tree('r', null);
  await next(follower);
  const waiting = follower.next();
  feed.close();
  await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
  expect(() => feed.tree('r', null)).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
});
