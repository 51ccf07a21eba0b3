import { NODE_STATUSES, type NodeExecution, type NodeKey } from '../../model.ts';
import { capped } from '../capped.ts';
import type { NodeFilter, StatusCount } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { inList, NODE_KEYS, nodeKeys, PLACE_OF_RUN, type Placed, textKeys, withRunIds } from './keys.ts';

const BUT_RUN = `n.node_label AS nodeLabel, n.status, n.is_source AS isSource, n.is_sink AS isSink,
  n.started_at AS startedAt, n.finished_at AS finishedAt, n.error`;

/** The columns of a node, of `node_executions AS n`. */
export const NODE = `n.run_id AS runId, ${BUT_RUN}`;

/** SQLite has no booleans. */
export type NodeRow = Omit<NodeExecution, 'isSource' | 'isSink'> & { isSource: unknown; isSink: unknown };

/** In place, since they can be many. */
export function asNodes<Row extends NodeRow>(rows: Row[]): (Omit<Row, keyof NodeRow> & NodeExecution)[] {
  for (const row of rows) {
    row.isSource = row.isSource === 1;
    row.isSink = row.isSink === 1;
  }
  return rows as unknown as (Omit<Row, keyof NodeRow> & NodeExecution)[];
}

export function nodesByRuns(
  db: Connection,
  runIds: readonly string[],
  filter: NodeFilter,
  limit: number,
): NodeExecution[] {
  const parameters: Parameters = { runIds: textKeys(runIds), limit };
  const conditions = ['n.run_id = k.value'];
  if (filter.labels) {
    parameters.labels = textKeys(filter.labels);
    conditions.push('n.node_label IN (SELECT value FROM json_each(@labels))');
  }
  if (filter.statuses || filter.unknownStatus) {
    parameters.statuses = textKeys(filter.statuses ?? []);
    const known = 'n.status IN (SELECT value FROM json_each(@statuses))';
    conditions.push(filter.unknownStatus ? `(${known} OR n.status NOT IN ${inList(NODE_STATUSES)})` : known);
  }
  if (filter.changedFrom !== undefined) {
    parameters.changedFrom = filter.changedFrom;
    conditions.push('(n.started_at >= @changedFrom OR n.finished_at >= @changedFrom)');
  }
  const sql = `SELECT ${PLACE_OF_RUN}, ${BUT_RUN} FROM json_each(@runIds) AS k CROSS JOIN node_executions AS n ON ${conditions.join(' AND ')}
    ORDER BY k.key, n.started_at NULLS LAST, n.node_label LIMIT @limit + 1`;
  return asNodes(withRunIds(runIds, capped(db.all<Placed<NodeRow>>(sql, parameters), limit)));
}

const NODES_BY_KEYS = `SELECT ${NODE} FROM ${NODE_KEYS}
  CROSS JOIN node_executions AS n ON n.run_id = keys.key AND n.node_label = k.value`;

export function nodesByKeys(db: Connection, keys: readonly NodeKey[]): NodeExecution[] {
  return asNodes(db.all<NodeRow>(NODES_BY_KEYS, { keys: nodeKeys(keys) }));
}

const NODE_LABELS = `SELECT ${PLACE_OF_RUN}, n.node_label AS nodeLabel
  FROM json_each(@runIds) AS k CROSS JOIN node_executions AS n ON n.run_id = k.value LIMIT @limit + 1`;

export function nodeLabels(db: Connection, runIds: readonly string[], limit: number): NodeKey[] {
  return withRunIds(runIds, capped(db.all<Placed<NodeKey>>(NODE_LABELS, { runIds: textKeys(runIds), limit }), limit));
}

const NODE_COUNTS = `SELECT n.run_id AS runId, n.status, count(*) AS count
  FROM json_each(@runIds) AS k CROSS JOIN node_executions AS n ON n.run_id = k.value GROUP BY k.key, n.status`;

export function nodeCounts(db: Connection, runIds: readonly string[]): ({ runId: string } & StatusCount)[] {
  return db.all(NODE_COUNTS, { runIds: textKeys(runIds) });
}
