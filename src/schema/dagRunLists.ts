import type { DagRun } from '../model.ts';
import type { MaybePromise, RunFilter, Slice, Store } from '../store/store.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { DagRunRef, keepRuns } from './dagRun.ts';
import { DagRunConnectionRef, forwardArgs, pageArgs } from './dagRunConnection.ts';
import { DagRunFilterRef, toActiveRunFilter, toRunFilter } from './dagRunFilter.ts';
import { loaderFamily, rowsOfEach } from './loader.ts';
import { many } from './many.ts';
import { type PageArgs, pageCost, type RunPage, toPage, toSlice } from './page.ts';

builder.queryFields((t) => ({
  dagRuns: t.field({
    type: DagRunConnectionRef,
    description: 'Runs, newest first by startedAt, then runId. Roots only, unless the filter says otherwise.',
    args: { ...pageArgs, filter: t.arg({ type: DagRunFilterRef, description: 'Which runs are listed.' }) },
    complexity: pageCost,
    resolve: (_, { filter, ...page }, context) => readPage(toRunFilter(filter), page, context),
  }),
  activeRuns: t.field({
    type: DagRunConnectionRef,
    description:
      'Runs that are RUNNING, newest first by startedAt, then runId. Roots only, unless the filter says otherwise.',
    args: { ...forwardArgs, filter: t.arg({ type: DagRunFilterRef, description: 'Which of them are listed.' }) },
    complexity: pageCost,
    resolve: (_, { filter, ...page }, context) => readPage(toActiveRunFilter(filter), page, context),
  }),
}));

const childPage = loaderFamily(async (runIds: readonly string[], slice: Slice, context) => {
  const children = await readSlices(runIds, slice, context, (store, ids) => store.childPages(ids, slice));
  return rowsOfEach(runIds, children, (child) => child.parentRunId ?? '').map((runs) => toPage(runs, slice));
});

const descendantPage = loaderFamily(async (runs: readonly DagRun[], slice: Slice, context) => {
  const descendants = await readSlices(runs, slice, context, (store, some) => store.descendantPages(some, slice));
  return rowsOfEach(runs.map(runIdOf), descendants, (run) => run.ancestorId).map((ofRun) => toPage(ofRun, slice));
}, runIdOf);

builder.objectFields(DagRunRef, (t) => ({
  childRuns: t.field({
    type: DagRunConnectionRef,
    description: 'Its direct sub-runs, oldest first by startedAt, then runId.',
    args: forwardArgs,
    complexity: pageCost,
    resolve: many((runs, args, context) =>
      childPage(context, toSlice(args, context.limits)).loadMany(runs.map(runIdOf)),
    ),
  }),
  descendants: t.field({
    type: DagRunConnectionRef,
    description: 'Its sub-runs at every depth, oldest first by startedAt, then runId.',
    args: forwardArgs,
    complexity: pageCost,
    resolve: many((runs, args, context) => descendantPage(context, toSlice(args, context.limits)).loadMany(runs)),
  }),
}));

async function readPage(filter: RunFilter, args: PageArgs, context: Context): Promise<RunPage> {
  const slice = toSlice(args, context.limits);
  const runs = await read(context, (store) => store.runPage(filter, slice));
  return toPage(keepRuns(context, runs), slice);
}

const ROWS_AT_ONCE = 2_000;

/** The same slice for many: for some at a time, so that these rows are paid for before others are read. */
async function readSlices<Key, Run extends DagRun>(
  keys: readonly Key[],
  { limit }: Slice,
  context: Context,
  query: (store: Store, keys: readonly Key[]) => MaybePromise<Run[]>,
): Promise<Run[]> {
  const atOnce = Math.ceil(ROWS_AT_ONCE / limit);
  const runs: Run[] = [];
  for (let start = 0; start < keys.length; start += atOnce) {
    runs.push(...(await read(context, (store) => query(store, keys.slice(start, start + atOnce)))));
  }
  return keepRuns(context, runs);
}

function runIdOf(run: DagRun): string {
  return run.runId;
}
