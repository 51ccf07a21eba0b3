import { type DagRun, NODE_DONE, NODE_STATUSES, type NodeExecution, type NodeKey } from '../model.ts';
import type { NodeFilter } from '../store/store.ts';
import { firstAfter } from '../time.ts';
import { builder } from './builder.ts';
import { read, readInSlices } from './context.ts';
import { DagRunRef, runsOf } from './dagRun.ts';
import { durationMs } from './duration.ts';
import { loader, loaderFamily, rowOfEach, rowsOfEach } from './loader.ts';
import { many } from './many.ts';
import { RelayNodeRef } from './relayNode.ts';
import { NodeStatusRef, shownNodeStatus, statusFilter } from './status.ts';

/** Other files add the fields that lead to their own types. */
export const NodeExecutionRef = builder.objectRef<NodeExecution>('NodeExecution');

export const nodeByKey = loader(async (keys: readonly NodeKey[], context) => {
  const nodes = await read(context, (store) => store.nodesByKeys(keys));
  return rowOfEach(keys.map(nodeKeyText), nodes, nodeKeyText);
}, nodeKeyText);

const nodesOfRun = loaderFamily(async (runIds: readonly string[], filter: NodeFilter, context) => {
  const nodes = await readInSlices(context, runIds, (store, some, rowsLeft) =>
    store.nodesByRuns(some, filter, rowsLeft),
  );
  const ofEach = rowsOfEach(runIds, nodes, (node) => node.runId);
  if (isEveryNode(filter)) keysOfRun(context).prime(runIds, ofEach);
  return ofEach;
});

const keysOfRun = loader<string, readonly NodeKey[]>(async (runIds, context) => {
  const keys = await readInSlices(context, runIds, (store, some, rowsLeft) => store.nodeLabels(some, rowsLeft));
  return rowsOfEach(runIds, keys, (key) => key.runId);
});

/** The labels of all nodes of a run. */
export const labelsOfRun = loader(async (runIds: readonly string[], context) => {
  const ofEach = await keysOfRun(context).loadMany(runIds);
  return ofEach.map((keys) => new Set(keys.map((key) => key.nodeLabel)));
});

NodeExecutionRef.implement({
  description: 'One node of one run: its newest attempt.',
  interfaces: [RelayNodeRef],
  fields: (t) => ({
    run: t.field({
      type: DagRunRef,
      description: 'The run that it is part of.',
      resolve: many((nodes, _, context) => runsOf(nodes, context)),
    }),
    nodeLabel: t.exposeString('nodeLabel', { description: 'Its name, unique within the run.' }),
    status: t.field({
      type: NodeStatusRef,
      description: 'How far it has come.',
      resolve: (node) => shownNodeStatus(node.status),
    }),
    statusText: t.exposeString('status', {
      description: 'The status as stored; it tells more when status is UNKNOWN.',
    }),
    isSource: t.exposeBoolean('isSource', { description: "Whether it gets its input from the run's source inputs." }),
    isSink: t.exposeBoolean('isSink', { description: "Whether its output is among the run's sink outputs." }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it started; null until then.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null until then.',
    }),
    durationMs: t.float({
      nullable: true,
      description:
        'Milliseconds from its start to its end, to now while it runs; null where the start or the end is not known.',
      resolve: nodeDurationMs,
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'The failure as recorded, a full traceback as a rule; null unless it failed.',
    }),
  }),
});

builder.objectFields(DagRunRef, (t) => ({
  nodes: t.field({
    type: [NodeExecutionRef],
    description: 'Its nodes in order of start (those not started last), then of label. All conditions given must hold.',
    args: {
      labels: t.arg.stringList({ description: 'Only nodes with one of these labels; an empty list gives none.' }),
      statuses: t.arg({
        type: [NodeStatusRef],
        description: 'Only nodes with one of these statuses; an empty list gives none.',
      }),
      changedSince: t.arg({ type: 'DateTime', description: 'Only nodes that started or ended after this time.' }),
    },
    resolve: many((runs, { labels, statuses, changedSince }, context) => {
      const changedFrom = changedSince == null ? undefined : firstAfter(changedSince);
      const filter = { labels: labels ?? undefined, ...statusFilter(statuses), changedFrom };
      return nodesOfRun(context, filter).loadMany(runs.map(runIdOf));
    }),
  }),
  node: t.field({
    type: NodeExecutionRef,
    nullable: true,
    description: 'One of its nodes; null if it has none with this label.',
    args: { label: t.arg.string({ required: true, description: 'The label of the node.' }) },
    resolve: many((runs, { label }, context) =>
      nodeByKey(context).loadMany(runs.map(({ runId }) => ({ runId, nodeLabel: label }))),
    ),
  }),
  pendingNodes: t.field({
    type: [NodeExecutionRef],
    description: 'Its nodes that are pending, running or failed, in the order of nodes: what a restart has to do.',
    resolve: many((runs, _, context) => nodesOfRun(context, { statuses: TO_DO }).loadMany(runs.map(runIdOf))),
  }),
}));

const DONE: readonly string[] = NODE_DONE;
const TO_DO = NODE_STATUSES.filter((status) => !DONE.includes(status));

function runIdOf({ runId }: DagRun): string {
  return runId;
}

function isEveryNode(filter: NodeFilter): boolean {
  return Object.values(filter).every((condition) => condition === undefined);
}

function nodeDurationMs({ status, startedAt, finishedAt }: NodeExecution): number | null {
  if (startedAt === null) return null;
  if (status === 'running') return durationMs(startedAt, null);
  return finishedAt === null ? null : durationMs(startedAt, finishedAt);
}

/** A text for each node, and no text for two: labels may hold anything. */
export function nodeKeyText({ runId, nodeLabel }: NodeKey): string {
  return `${runId.length}:${runId}${nodeLabel}`;
}
