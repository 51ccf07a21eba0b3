import type { DagRun } from '../model.ts';
import type { RunFilter, Slice } from '../store/store.ts';
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
  const children = keepRuns(context, await read(context, (store) => store.childPages(runIds, slice)));
  return rowsOfEach(runIds, children, (child) => child.parentRunId ?? '').map((runs) => toPage(runs, slice));
});

const descendantPage = loaderFamily(async (runs: readonly DagRun[], slice: Slice, context) => {
  const descendants = keepRuns(context, await read(context, (store) => store.descendantPages(runs, slice)));
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

function runIdOf(run: DagRun): string {
  return run.runId;
}
