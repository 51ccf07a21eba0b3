import type { EdgeTraversal } from '../model.ts';
import { builder } from './builder.ts';
import { readInSlices } from './context.ts';
import { DagRunRef, runsOf } from './dagRun.ts';
import { loader, rowsOfEach } from './loader.ts';
import { many } from './many.ts';
import { NodeExecutionRef, nodeByKey } from './nodeExecution.ts';

const edgesOfRun = loader(async (runIds: readonly string[], context) => {
  const edges = await readInSlices(context, runIds, (store, some, rowsLeft) => store.edgesByRuns(some, rowsLeft));
  return rowsOfEach(runIds, edges, (edge) => edge.runId);
});

/** The edges of a run by the label of their upstream node. */
const edgesByUpstream = loader(async (runIds: readonly string[], context) => {
  const ofEach = await edgesOfRun(context).loadMany(runIds);
  return ofEach.map((edges) => Map.groupBy(edges, (edge) => edge.upstreamLabel));
});

export const EdgeTraversalRef = builder.objectRef<EdgeTraversal>('EdgeTraversal').implement({
  description: 'Data that went from one node of a run to another.',
  fields: (t) => ({
    run: t.field({
      type: DagRunRef,
      description: 'The run of both nodes.',
      resolve: many((edges, _, context) => runsOf(edges, context)),
    }),
    upstreamLabel: t.exposeString('upstreamLabel', { description: 'The label of the node that gave the data.' }),
    downstreamLabel: t.exposeString('downstreamLabel', { description: 'The label of the node that got the data.' }),
    traversedAt: t.expose('traversedAt', { type: 'DateTime', description: 'When the data went along.' }),
    upstream: t.field({
      type: NodeExecutionRef,
      nullable: true,
      description: 'The node that gave the data; null if it has no record (yet).',
      resolve: many((edges, _, context) =>
        nodeByKey(context).loadMany(edges.map(({ runId, upstreamLabel }) => ({ runId, nodeLabel: upstreamLabel }))),
      ),
    }),
    downstream: t.field({
      type: NodeExecutionRef,
      nullable: true,
      description: 'The node that got the data; null if it has no record (yet).',
      resolve: many((edges, _, context) =>
        nodeByKey(context).loadMany(edges.map(({ runId, downstreamLabel }) => ({ runId, nodeLabel: downstreamLabel }))),
      ),
    }),
  }),
});

builder.objectField(DagRunRef, 'edges', (t) =>
  t.field({
    type: [EdgeTraversalRef],
    description: 'The edges that data went along, in order of traversal, then of labels.',
    resolve: many((runs, _, context) => edgesOfRun(context).loadMany(runs.map(({ runId }) => runId))),
  }),
);

builder.objectField(NodeExecutionRef, 'edges', (t) =>
  t.field({
    type: [EdgeTraversalRef],
    description: 'The edges out of this node that data went along, in order of traversal, then of labels.',
    resolve: many(async (nodes, _, context) => {
      const ofEach = await edgesByUpstream(context).loadMany(nodes.map(({ runId }) => runId));
      return nodes.map(({ nodeLabel }, index) => ofEach[index]?.get(nodeLabel) ?? []);
    }),
  }),
);
