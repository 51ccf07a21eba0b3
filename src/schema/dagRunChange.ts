import { Fault } from '../errors.ts';
import type { DagRun } from '../model.ts';
import type { TreeChanges } from '../store/feed.ts';
import { Subtree } from '../store/subtree.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { DagRunRef, keepRuns, runById, runsOf } from './dagRun.ts';
import { EdgeTraversalRef } from './edgeTraversal.ts';
import { eventsOf, merged } from './events.ts';
import { many } from './many.ts';
import { NodeExecutionRef } from './nodeExecution.ts';
import { Shared } from './shared.ts';
import { fromTreeCursor, toTreeCursor } from './treeCursor.ts';

/** What changed in a run and everything inside it, since the event before. */
interface DagRunChange extends Pick<TreeChanges, 'reset' | 'more' | 'runs' | 'nodes' | 'edges' | 'around'> {
  /** Of the run that is followed. */
  readonly runId: string;
  readonly cursor: string;
}

const DagRunChangeRef = builder.objectRef<DagRunChange>('DagRunChange').implement({
  description:
    'What changed in a run and everything inside it since the event before: newest states, so what changed twice comes once.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Give it as after to go on from here, after any interruption.',
    }),
    reset: t.exposeBoolean('reset', {
      description:
        'Replace what you hold by what this event and the next ones have: it is the first one, or the cursor given was too old.',
    }),
    more: t.exposeBoolean('more', {
      description:
        'The tree has changed further already: what this event has is a part, and the next parts come at once.',
    }),
    run: t.field({
      type: DagRunRef,
      description: 'The run that is followed, as it is now.',
      resolve: many((changes, _, context) => runsOf(changes, context)),
    }),
    changedRuns: t.expose('runs', {
      type: [DagRunRef],
      description:
        'Runs that were created or changed, in no order; the run that is followed is among them if it changed.',
    }),
    changedNodes: t.expose('nodes', {
      type: [NodeExecutionRef],
      description: 'Nodes that started or changed, in no order.',
    }),
    newEdges: t.expose('edges', {
      type: [EdgeTraversalRef],
      description: 'Edges that data went along, in no order.',
    }),
  }),
});

const DagRunFollowRef = builder.inputType('DagRunFollow', {
  description: 'A run to follow.',
  fields: (t) => ({
    runId: t.id({ required: true, description: 'Its runId.' }),
    after: t.string({ description: 'A cursor of its tree to go on from; absent: begin anew, with a reset.' }),
  }),
});

/** Most runs that one subscription follows. */
const MAX_FOLLOWED = 100;

builder.subscriptionFields((t) => ({
  dagRunChanges: t.field({
    type: DagRunChangeRef,
    description:
      'Changes in one run and everything inside it. Without after, the first event is a reset that begins with everything, in parts if it is much. It completes when all runs of the tree have ended.',
    args: {
      runId: t.arg.id({ required: true, description: 'Its runId.' }),
      after: t.arg.string({ description: 'A cursor of its tree to go on from; absent: begin anew, with a reset.' }),
    },
    subscribe: async (_, args, context) => follow(await followed(args, context), context),
    resolve: (change, _, context) => withRuns(change, context),
  }),
  dagRunsChanges: t.field({
    type: DagRunChangeRef,
    description:
      'As dagRunChanges, for several runs over one connection; run tells which one an event is about. It completes when all their trees have ended.',
    args: {
      runs: t.arg({ type: [DagRunFollowRef], required: true, description: 'The runs to follow: at most 100.' }),
    },
    subscribe: async (_, { runs }, context) => {
      if (runs.length > MAX_FOLLOWED) {
        throw new Fault(
          'LIMIT_EXCEEDED',
          `${runs.length} runs are too many for one subscription; follow at most ${MAX_FOLLOWED}.`,
        );
      }
      // None is followed before it is known that all can be: nobody would end those.
      const all = await Promise.all(runs.map((run) => followed(run, context)));
      return merged(all.map((each) => follow(each, context)));
    },
    resolve: (change, _, context) => withRuns(change, context),
  }),
}));

interface Followed {
  readonly run: DagRun;
  /** The store's. */
  readonly cursor: string | null;
}

/** Throws a fault for what cannot be followed. */
async function followed(
  { runId, after }: { readonly runId: string; readonly after?: string | null | undefined },
  context: Context,
): Promise<Followed> {
  const run = await runById(context).load(runId);
  if (!run)
    throw new Fault('BAD_REQUEST', `There is no run ${JSON.stringify(runId)} to follow; give the runId of one.`);
  return { run, cursor: after == null ? null : fromTreeCursor(after, run) };
}

function follow({ run, cursor }: Followed, context: Context): AsyncIterableIterator<DagRunChange> {
  const { runId, rootRunId } = run;
  const subtree = runId === rootRunId ? null : new Subtree(context.store, runId);
  // Whoever goes on from a cursor may have been promised more.
  let isMorePromised = cursor !== null;
  return eventsOf(context.feed.tree(rootRunId, cursor), context, async (changes) => {
    const change = await told.get(changes, runId, async () => {
      const { runs, nodes, edges } = subtree ? await subtree.within(changes) : changes;
      const { reset, more, around } = changes;
      return { runId, cursor: toTreeCursor(rootRunId, changes.cursor), reset, more, runs, nodes, edges, around };
    });
    const { reset, more, runs, nodes, edges } = change;
    const isEmpty = runs.length + nodes.length + edges.length === 0;
    if (isEmpty && !reset && (more || !isMorePromised)) return null;
    isMorePromised = more;
    return change;
  });
}

/** What all who follow a run are told of changes, by that run. */
const told = new Shared<TreeChanges, Promise<DagRunChange>>();

/** Has the runs that came with an event not read again: a file that another process writes is locked at times. */
function withRuns(change: DagRunChange, context: Context): DagRunChange {
  keepRuns(context, [...change.runs, ...change.around]);
  return change;
}
