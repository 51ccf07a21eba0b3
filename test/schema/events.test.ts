import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createContext } from '../../src/schema/context.ts';
import { eventsOf, merged } from '../../src/schema/events.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Says what it is told to, and counts who still asks. */
class Source implements AsyncIterableIterator<object> {
  asked = 0;
  isOpen = true;
  #answer: ((result: IteratorResult<object>) => void) | null = null;

  next(): Promise<IteratorResult<object>> {
    this.asked += 1;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  say(value: object): void {
    this.#answer?.({ done: false, value });
  }

  async return(): Promise<IteratorResult<object>> {
    this.isOpen = false;
    this.#answer?.({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

describe('Several iterators as one', () => {
  test('give what comes, as it comes, and ask for more only when it was taken', async () => {
    const [one, other] = [new Source(), new Source()];
    const all = merged([one, other]);
    const first = all.next();
    other.say({ from: 'other' });
    one.say({ from: 'one' });
    expect(await first).toEqual({ done: false, value: { from: 'other' } });
    await nextTurn();
    expect([one.asked, other.asked]).toEqual([1, 1]);
    expect(await all.next()).toEqual({ done: false, value: { from: 'one' } });
    expect([one.asked, other.asked]).toEqual([1, 2]);
  });

  test('end when all have ended, and at once when nobody wants them any more', async () => {
    const [one, other] = [new Source(), new Source()];
    const all = merged([one, other]);
    const waiting = all.next();
    await one.return();
    other.say({});
    expect((await waiting).done).toBe(false);
    const last = all.next();
    await all.return?.();
    expect((await last).done).toBe(true);
    expect(other.isOpen).toBe(false);
    expect((await merged([]).next()).done).toBe(true);
  });

  test('end all when one fails', async () => {
    const [good, bad] = [new Source(), new Source()];
    bad.next = () => Promise.reject(new Error('no more'));
    const all = merged([good, bad]);
    await expect(all.next()).rejects.toThrow('no more');
    expect([good.isOpen, bad.isOpen]).toEqual([false, false]);
    expect((await all.next()).done).toBe(true);
  });

  test('keep nothing of what was taken, however long the others are silent', async () => {
    const busy = new Source();
    const all = merged([busy, ...Array.from({ length: 50 }, () => new Source())]);
    const take = async (events: number): Promise<void> => {
      for (let i = 0; i < events; i++) {
        const next = all.next();
        busy.say({});
        await next;
      }
    };
    await take(100);
    const before = heapInUse();
    await take(5_000);
    expect(heapInUse() - before).toBeLessThan(5_000_000);
    await all.return?.();
  });
});

test('Where an event cannot be made, what it is made of is not followed any longer', async () => {
  const folder = await temporaryFolder();
  const store = await openSqliteStore(join(folder, 'runs.db'));
  const source = new Source();
  const events = eventsOf(source, createContext({ store, version: '1' }), async () => {
    throw new Error('the disk has gone');
  });
  const next = events.next();
  source.say({});
  await expect(next).rejects.toThrow('the disk has gone');
  expect(source.isOpen).toBe(false);
  await store.close();
  await rm(folder, { recursive: true });
});

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
