/** Relay's `Node`: whatever has a global id. Not to be mixed up with the nodes of a DAG. */
import { Fault } from '../errors.ts';
import type { DagRun, NodeExecution, NodeKey } from '../model.ts';
import { builder } from './builder.ts';
import { fromOpaque, toOpaque } from './opaque.ts';

export type RelayNode = DagRun | NodeExecution;

/** What a global id names: a run, or a node of a run. */
export type RelayKey = Pick<DagRun, 'runId'> | NodeKey;

export const RelayNodeRef = builder.interfaceRef<RelayNode>('Node').implement({
  description: 'Anything that can be asked for by its global id.',
  resolveType: (value) => ('nodeLabel' in value ? 'NodeExecution' : 'DagRun'),
  fields: (t) => ({
    id: t.id({
      description: 'Names this object among all objects of the API. It is opaque; a run is also found by its runId.',
      resolve: globalId,
    }),
  }),
});

/** Throws BAD_REQUEST if the text is no global id of ours. */
export function parseGlobalId(id: string): RelayKey {
  const [type, runId, nodeLabel] = fromOpaque(id);
  if (typeof runId === 'string') {
    if (type === 'DagRun') return { runId };
    if (type === 'NodeExecution' && typeof nodeLabel === 'string') return { runId, nodeLabel };
  }
  throw new Fault(
    'BAD_REQUEST',
    `${JSON.stringify(id)} is no id of this API. Give the id field of a run or a node; for a runId ask dagRun.`,
  );
}

function globalId(node: RelayNode): string {
  return 'nodeLabel' in node
    ? toOpaque(['NodeExecution', node.runId, node.nodeLabel])
    : toOpaque(['DagRun', node.runId]);
}
