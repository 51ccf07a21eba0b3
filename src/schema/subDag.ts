import { compareKeys, expansionKey, ownerOfKey, type Part, partsByLabel } from '../expansionKey.ts';
import type { DagRun, NodeExecution } from '../model.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { DagRunRef, keepRuns, parentsOf, runById } from './dagRun.ts';
import { loader } from './loader.ts';
import { many } from './many.ts';
import { labelsOfRun, NodeExecutionRef, nodeByKey } from './nodeExecution.ts';
import { pageSize } from './page.ts';
import { DagRunStatusRef, shownRunStatus } from './status.ts';

/** Null for those that belong to no node. */
type SubDagsByLabel = ReadonlyMap<string | null, readonly Part<DagRun>[]>;

/** What ran inside the nodes of a run, by their labels; of each node in order of key. */
const subDagsOfRun = loader(async (runIds: readonly string[], context) => {
  const children = keepRuns(context, await read(context, (store, rowsLeft) => store.childrenOf(runIds, rowsLeft)));
  const ofParent = Map.groupBy(children, (child) => child.parentRunId ?? '');
  const parentIds = [...ofParent.keys()];
  const [parents, labels] = await Promise.all([
    runById(context).loadMany(parentIds),
    labelsOfRun(context).loadMany(parentIds),
  ]);
  const found = new Map<string, SubDagsByLabel>();
  for (const [index, parent] of parents.entries()) {
    const ofRun = parent && partsByLabel(parent.dagNsref, ofParent.get(parent.runId) ?? [], labels[index] ?? NO_LABELS);
    if (ofRun) found.set(parent.runId, ofRun);
  }
  return runIds.map((runId) => found.get(runId) ?? NOTHING);
});

const SubDagRef = builder.objectRef<Part<DagRun>>('SubDag').implement({
  description: 'One part of a composite node. A restart runs the same part again, as another run.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description:
        'Which part it is: label[k] of a map, label[] of a call, label[branch] of a switch, label[i:branch] of a map-switch.',
    }),
    run: t.expose('run', { type: DagRunRef, description: 'The newest run of this part.' }),
    earlierRuns: t.expose('earlierRuns', { type: [DagRunRef], description: 'Its other runs, newest first.' }),
  }),
});

builder.objectField(NodeExecutionRef, 'subDags', (t) =>
  t.field({
    type: [SubDagRef],
    description:
      'What ran inside it, in order of key ([2] before [10]); empty if nothing did. All conditions given must hold. A sub-run whose key begins with no label of its parent is in childRuns only.',
    args: {
      keys: t.arg.stringList({ description: 'Only parts with one of these keys; an empty list gives none.' }),
      statuses: t.arg({
        type: [DagRunStatusRef],
        description: 'Only parts whose newest run has one of these statuses; an empty list gives none.',
      }),
      first: t.arg.int({
        description: 'How many at most, from the beginning: 1,000 if absent, which is also the most.',
      }),
      after: t.arg.string({
        description: 'Only parts whose key comes after this one: the last key of the page before.',
      }),
    },
    resolve: many(async (nodes, { keys, statuses, first, after }, context) => {
      const size = pageSize('first', first ?? context.limits.maxPageSize, context.limits);
      const ofEach = await subDagsOfRun(context).loadMany(nodes.map(({ runId }) => runId));
      const wantedKeys = keys && new Set(keys);
      return nodes.map(({ nodeLabel }, index) => {
        const subDags = ofEach[index]?.get(nodeLabel);
        if (!subDags) return NONE;
        return subDags
          .filter(({ key }) => (after == null || compareKeys(key, after) > 0) && (!wantedKeys || wantedKeys.has(key)))
          .filter(({ run }) => !statuses || statuses.includes(shownRunStatus(run.status)))
          .slice(0, size);
      });
    }),
  }),
);

builder.objectFields(DagRunRef, (t) => ({
  expansionKey: t.string({
    nullable: true,
    description:
      "Which part of its parent's composite node it is: label[k], label[], label[branch], label[i:branch]; null for a root, and where its name does not begin with its parent's.",
    resolve: many((runs, _, context) => keysOf(runs, context)),
  }),
  parentNode: t.field({
    type: NodeExecutionRef,
    nullable: true,
    description:
      'The composite node that started it: the one with the longest label that the expansion key begins with, followed by [ or /. Null if its parent has no such node.',
    resolve: many((runs, _, context) => parentNodesOf(runs, context)),
  }),
}));

const NONE: readonly Part<DagRun>[] = [];
const NOTHING: SubDagsByLabel = new Map();
const NO_LABELS: ReadonlySet<string> = new Set();

async function keysOf(runs: readonly DagRun[], context: Context): Promise<(string | null)[]> {
  const parents = await parentsOf(runs, context);
  return runs.map((run, index) => {
    const parent = parents[index];
    return parent ? expansionKey(parent.dagNsref, run.dagNsref) : null;
  });
}

async function parentNodesOf(runs: readonly DagRun[], context: Context): Promise<readonly (NodeExecution | null)[]> {
  const keys = await keysOf(runs, context);
  const parentIds = runs.map(({ parentRunId }, index) => (keys[index] === null ? null : parentRunId));
  const labels = await labelsOfRun(context).loadGiven(parentIds);
  const owners = parentIds.map((runId, index) => {
    const label = ownerOfKey(keys[index] ?? '', labels[index] ?? NO_LABELS);
    return runId === null || label === null ? null : { runId, nodeLabel: label };
  });
  return nodeByKey(context).loadGiven(owners);
}
