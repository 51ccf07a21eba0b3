import { setImmediate as breathe } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { DagRun } from '../../model.ts';
import type { Place, Store } from '../store.ts';

/** Which trees: all, unless something is given. */
export interface Selection {
  /** Those of these runs, wherever in them. */
  readonly runIds?: readonly string[] | undefined;
  /** Those whose outermost run started then or later. */
  readonly since?: number | undefined;
}

/** All runs of a tree, the outermost first. */
export type Tree = readonly [top: DagRun, ...below: DagRun[]];

/** How many runs are asked for at once, and about how many make a batch. */
const PAGE = 500;
const BATCH = 1_000;
/** A tree with fewer sub-runs than this is read along with others. */
const SMALL = 100;

/** How many trees are selected. @throws Fault BAD_REQUEST if there is no such run */
export async function countTrees(store: Store, selection: Selection): Promise<number> {
  let count = 0;
  for await (const tops of pagesOfTops(store, selection)) count += tops.length;
  return count;
}

/**
 * The selected trees, oldest first, in batches: some small ones, or a large one. What starts meanwhile comes at the end.
 * @throws Fault BAD_REQUEST if there is no such run
 */
export async function* treesOf(store: Store, selection: Selection): AsyncGenerator<Tree[]> {
  for await (const tops of pagesOfTops(store, selection)) {
    const below = await smallTrees(store, tops);
    let batch: Tree[] = [];
    let runs = 0;
    for (const top of tops) {
      const tree: Tree = [top, ...(below.get(top.runId) ?? (await runsBelow(store, top)))];
      if (batch.length > 0 && runs + tree.length > BATCH) {
        yield batch;
        batch = [];
        runs = 0;
      }
      batch.push(tree);
      runs += tree.length;
    }
    if (batch.length > 0) yield batch;
  }
}

/** All runs of these trees. */
export async function runsOfTrees(store: Store, tops: readonly DagRun[]): Promise<DagRun[]> {
  const below = await smallTrees(store, tops);
  const runs = [...tops];
  for (const top of tops) runs.push(...(below.get(top.runId) ?? (await runsBelow(store, top))));
  return runs;
}

/** Outermost runs: those without parent, and those that stand in for one, whose parent is gone or below them. */
async function* pagesOfTops(store: Store, { runIds, since }: Selection): AsyncGenerator<DagRun[]> {
  if (runIds) {
    yield await topsOf(store, runIds);
    return;
  }
  let before: Place | undefined;
  for (;;) {
    await breathe();
    const page = await store.runPage({ startedFrom: since }, { limit: PAGE, fromEnd: true, before });
    before = page[0];
    if (!before) return;
    yield page.filter(({ runId, rootRunId }) => runId === rootRunId).reverse();
  }
}

async function topsOf(store: Store, runIds: readonly string[]): Promise<DagRun[]> {
  const runs = await store.runsByIds(runIds);
  const found = new Set(runs.map(({ runId }) => runId));
  const missing = runIds.find((runId) => !found.has(runId));
  if (missing !== undefined) {
    throw new Fault(
      'BAD_REQUEST',
      `there is no run ${missing} in ${store.location}; inspect lists those that there are`,
    );
  }
  return store.runsByIds([...new Set(runs.map(({ rootRunId }) => rootRunId))]);
}

/** What is below each of these runs, but for those with much below them. */
async function smallTrees(store: Store, tops: readonly DagRun[]): Promise<Map<string, DagRun[]>> {
  const below = new Map<string, DagRun[]>(tops.map(({ runId }) => [runId, []]));
  for (const { ancestorId, ...run } of await store.descendantPages(tops, { limit: SMALL })) {
    below.get(ancestorId)?.push(run);
  }
  for (const [runId, runs] of below) {
    if (runs.length === SMALL) below.delete(runId);
    else below.set(runId, ownOf(runId, runs));
  }
  return below;
}

async function runsBelow(store: Store, top: DagRun): Promise<DagRun[]> {
  const below: DagRun[] = [];
  for (let after: Place | undefined; ; after = below.at(-1)) {
    const page = await store.descendantPages([top], { limit: PAGE, after });
    for (const { ancestorId, ...run } of page) below.push(run);
    if (page.length < PAGE) return ownOf(top.runId, below);
  }
}

/** Parents in a circle are below each other, and each is the root of a tree. */
function ownOf(topId: string, runs: readonly DagRun[]): DagRun[] {
  return runs.filter(({ rootRunId }) => rootRunId === topId);
}
