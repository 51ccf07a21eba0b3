import type { NodeKey, NodeStatus, RunStatus } from '../model.ts';
import type { StatusCount } from '../store/store.ts';
import { builder } from './builder.ts';
import { read } from './context.ts';
import { DagRunRef } from './dagRun.ts';
import { loader, rowsOfEach } from './loader.ts';
import { many } from './many.ts';
import { NodeExecutionRef, nodeKeyText } from './nodeExecution.ts';
import { shownNodeStatus, shownRunStatus, UNKNOWN, type Unknown } from './status.ts';

const nodeCounts = loader(async (runIds: readonly string[], context) => {
  const counts = await read(context, (store) => store.nodeCounts(runIds));
  return rowsOfEach(runIds, counts, (count) => count.runId);
});

const childCounts = loader(async (keys: readonly NodeKey[], context) => {
  const counts = await read(context, (store) => store.childCounts(keys));
  return rowsOfEach(keys.map(nodeKeyText), counts, nodeKeyText);
}, nodeKeyText);

const NodeCountsRef = builder.objectRef<readonly StatusCount[]>('NodeCounts').implement({
  description: 'How many nodes a run has, in all and by status.',
  fields: (t) => {
    const count = (status: NodeStatus | Unknown, description: string) =>
      t.int({ description, resolve: (counts) => sum(counts, (word) => shownNodeStatus(word) === status) });
    return {
      total: t.int({ description: 'All of them.', resolve: (counts) => sum(counts) }),
      pending: count('pending', 'Those that have not started.'),
      running: count('running', 'Those that have started and not ended.'),
      completed: count('completed', 'Those that ended with an output.'),
      failed: count('failed', 'Those that ended with an error.'),
      skipped: count('skipped', 'Those whose output a replay took from an earlier run.'),
      unknown: count(UNKNOWN, 'Those with another status.'),
    };
  },
});

const SubDagCountsRef = builder.objectRef<readonly StatusCount[]>('SubDagCounts').implement({
  description: 'How many sub-runs a node started, in all and by status. What a restart ran again counts again.',
  fields: (t) => {
    const count = (status: RunStatus | Unknown, description: string) =>
      t.int({ description, resolve: (counts) => sum(counts, (word) => shownRunStatus(word) === status) });
    return {
      total: t.int({ description: 'All of them.', resolve: (counts) => sum(counts) }),
      running: count('running', 'Those that have started and not ended.'),
      paused: count('paused', 'Those that stopped before their end and can go on.'),
      completed: count('completed', 'Those that ended as they should.'),
      failed: count('failed', 'Those that ended with an error.'),
      cancelled: count('cancelled', 'Those that were given up.'),
      unknown: count(UNKNOWN, 'Those with another status.'),
    };
  },
});

builder.objectField(DagRunRef, 'nodeCounts', (t) =>
  t.field({
    type: NodeCountsRef,
    description: 'How many nodes it has, by status: counted without reading them.',
    resolve: many((runs, _, context) => nodeCounts(context).loadMany(runs.map(({ runId }) => runId))),
  }),
);

builder.objectField(NodeExecutionRef, 'subDagCounts', (t) =>
  t.field({
    type: SubDagCountsRef,
    description:
      'How many sub-runs it started, by status: counted without reading them, so a fan-out of 10,000 costs no more than one of 2.',
    resolve: many((nodes, _, context) => childCounts(context).loadMany(nodes)),
  }),
);

function sum(counts: readonly StatusCount[], counted: (word: string) => boolean = () => true): number {
  return counts.reduce((total, { status, count }) => (counted(status) ? total + count : total), 0);
}
