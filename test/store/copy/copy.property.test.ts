import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyTrees } from '../../../src/store/copy/copy.ts';
import { history } from '../histories.ts';
import { OWNED } from '../subjects.ts';
import { everythingIn, historyIn } from './everything.ts';

const PAIRS = OWNED.flatMap((source) => OWNED.map((target) => ({ source, target })));

describe.each(PAIRS)('Whatever happened in an $source.name, the copy in an $target.name', ({ source, target }) => {
  test('answers the same, with restarts and earlier attempts, however often it is copied meanwhile', async () => {
    const cases = fc.tuple(history, fc.array(fc.nat(60), { maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(cases, async ([batches, copiesAfter]) => {
        const from = await source.open();
        const to = await target.open();
        try {
          for (const [index, events] of batches.entries()) {
            await from.store.record(events);
            if (copiesAfter.includes(index)) await copyTrees(from.store, to.store);
          }
          const problems: unknown[] = [];
          await copyTrees(from.store, to.store, { onProblem: (problem) => problems.push(problem) });
          expect(problems).toEqual([]);
          expect(await everythingIn(to.store)).toEqual(await everythingIn(from.store));
          expect(await historyIn(to.store)).toEqual(await historyIn(from.store));
          const again = await copyTrees(from.store, to.store, { thorough: true });
          expect(again).toMatchObject({ copied: 0, failed: 0, runs: 0, nodes: 0, edges: 0, payloads: 0 });
        } finally {
          await from.dispose();
          await to.dispose();
        }
      }),
      { numRuns: Math.min(source.histories, target.histories) / 2 },
    );
  }, 60_000);
});
