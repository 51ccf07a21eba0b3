import { NODE_STATUSES, type NodeExecution, type NodeKey } from '../../model.ts';
import { capped } from '../capped.ts';
import type { NodeFilter, StatusCount } from '../store.ts';
import { nodeKeys, Parameters } from './keys.ts';
import type { Session } from './session.ts';

/** The columns of a node, of `node_executions AS n`. */
export const NODE = `n.run_id AS "runId", n.node_label AS "nodeLabel", n.status, n.is_source AS "isSource", n.is_sink AS "isSink",
  n.started_at AS "startedAt", n.finished_at AS "finishedAt", n.error`;

const OF_RUNS =
  'unnest($1::text[]) WITH ORDINALITY AS k (run_id, place) JOIN node_executions AS n ON n.run_id = k.run_id';

export async function nodesByRuns(
  session: Session,
  runIds: readonly string[],
  filter: NodeFilter,
  limit: number,
): Promise<NodeExecution[]> {
  const parameters = new Parameters();
  const { bind, values } = parameters;
  values.push(runIds);
  const conditions = ['true'];
  if (filter.labels) conditions.push(`n.node_label = ANY(${bind('text[]', filter.labels)})`);
  if (filter.statuses || filter.unknownStatus) {
    const known = `n.status = ANY(${bind('text[]', filter.statuses ?? [])})`;
    conditions.push(filter.unknownStatus ? `(${known} OR n.status <> ALL(${bind('text[]', NODE_STATUSES)}))` : known);
  }
  if (filter.changedFrom !== undefined) {
    const from = bind('float8', filter.changedFrom);
    conditions.push(`(n.started_at >= ${from} OR n.finished_at >= ${from})`);
  }
  const sql = `SELECT ${NODE} FROM ${OF_RUNS} WHERE ${conditions.join(' AND ')}
    ORDER BY k.place, n.started_at NULLS LAST, n.node_label LIMIT ${bind('bigint', limit)} + 1`;
  return capped(await session.all<NodeExecution>(sql, values), limit);
}

const NODES_BY_KEYS = `SELECT ${NODE} FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (run_id, node_label, place)
  JOIN node_executions AS n ON n.run_id = k.run_id AND n.node_label = k.node_label ORDER BY k.place`;

export function nodesByKeys(session: Session, keys: readonly NodeKey[]): Promise<NodeExecution[]> {
  return session.all<NodeExecution>(NODES_BY_KEYS, nodeKeys(keys));
}

const NODE_LABELS = `SELECT n.run_id AS "runId", n.node_label AS "nodeLabel" FROM ${OF_RUNS} LIMIT $2::bigint + 1`;

export async function nodeLabels(session: Session, runIds: readonly string[], limit: number): Promise<NodeKey[]> {
  return capped(await session.all<NodeKey>(NODE_LABELS, [runIds, limit]), limit);
}

const NODE_COUNTS = `SELECT n.run_id AS "runId", n.status, count(*) AS count FROM ${OF_RUNS} GROUP BY k.place, n.run_id, n.status`;

export function nodeCounts(session: Session, runIds: readonly string[]): Promise<({ runId: string } & StatusCount)[]> {
  return session.all(NODE_COUNTS, [runIds]);
}
