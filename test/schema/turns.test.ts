import { setImmediate as eventLoop } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { nextTurn, Turns } from '../../src/schema/turns.ts';

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('Large requests', () => {
  it('go on one at a time, in the order of asking, however many there are', async () => {
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map(async (name) => {
      for (let part = 1; part <= 2; part++) {
        await nextTurn();
        order.push(`${name}${part}`);
      }
    });
    let turns = 0;
    for (; order.length < 6; turns++) await eventLoop();
    await Promise.all(all);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('give way once they have worked for long, and then begin to count anew', async () => {
    const turns = new Turns();
    expect(turns.giveWay()).toBeUndefined();
    work(15);
    const others = turns.giveWay();
    expect(others).toBeInstanceOf(Promise);
    await others;
    expect(turns.giveWay()).toBeUndefined();
  });
});
