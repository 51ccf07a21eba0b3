import { Fault } from '../errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { runById } from './dagRun.ts';
import { nodeByKey } from './nodeExecution.ts';
import { parseGlobalId, type RelayKey, type RelayNode, RelayNodeRef } from './relayNode.ts';

builder.queryFields((t) => ({
  node: t.field({
    type: RelayNodeRef,
    nullable: true,
    description: 'The run or node with a global id; null if there is none (any more).',
    args: { id: t.arg.id({ required: true, description: 'The id field of a run or a node.' }) },
    resolve: (_, { id }, context) => load(parseGlobalId(id), context),
  }),
  nodes: t.field({
    type: [RelayNodeRef],
    nullable: { list: false, items: true },
    description:
      'The runs or nodes with these global ids, in the order of the ids; null for each that does not exist (any more).',
    args: { ids: t.arg.idList({ required: true, description: 'The id fields of runs or nodes, up to 1,000.' }) },
    resolve: (_, { ids }, context) => {
      const { maxPageSize } = context.limits;
      if (ids.length > maxPageSize)
        throw new Fault('BAD_REQUEST', `${ids.length} ids were given. Give at most ${maxPageSize} at once.`);
      // All are parsed before any is asked for.
      return ids.map(parseGlobalId).map((key) => load(key, context));
    },
  }),
}));

function load(key: RelayKey, context: Context): Promise<RelayNode | null> {
  return 'nodeLabel' in key ? nodeByKey(context).load(key) : runById(context).load(key.runId);
}
