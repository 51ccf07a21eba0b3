import type { DagRun, NodeKey } from '../../model.ts';
import { capped } from '../capped.ts';
import type { Slice, StatusCount } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { NODE_KEYS, nodeKeys, textKeys } from './keys.ts';
import { orderBy, RUN, sliceConditions } from './slices.ts';

const RUNS_BY_IDS = `SELECT ${RUN} FROM dag_runs AS r WHERE r.run_id IN (SELECT value FROM json_each(@runIds))`;

export function runsByIds(db: Connection, runIds: readonly string[]): DagRun[] {
  return db.all<DagRun>(RUNS_BY_IDS, { runIds: textKeys(runIds) });
}

/** The root of some rows of its tree, and the runs that they are of, except those that came along. */
export function runsAround(
  db: Connection,
  root: string,
  rows: readonly { readonly runId: string }[],
  along: readonly DagRun[],
): DagRun[] {
  if (rows.length === 0) return [];
  const runIds = new Set([root, ...rows.map(({ runId }) => runId)]);
  for (const { runId } of along) runIds.delete(runId);
  return runIds.size > 0 ? runsByIds(db, [...runIds]) : [];
}

const CHILDREN_OF = `SELECT ${RUN} FROM json_each(@parents) AS k CROSS JOIN dag_runs AS r ON r.parent_run_id = k.value LIMIT @limit + 1`;

export function childrenOf(db: Connection, parentRunIds: readonly string[], limit: number): DagRun[] {
  return capped(db.all<DagRun>(CHILDREN_OF, { parents: textKeys(parentRunIds), limit }), limit);
}

/** The same slice for many: of each key the runs that `belongs` ties to it, in order of start. */
function slicesOf(
  db: Connection,
  keys: readonly string[],
  belongs: string,
  slice: Slice,
): (DagRun & { ancestorId: string })[] {
  const parameters: Parameters = { keys: textKeys(keys), limit: slice.limit };
  const conditions = sliceConditions(slice, 'oldest', (name, value) => {
    parameters[name] = value;
    return `@${name}`;
  });
  return db.all(
    `SELECT k.value AS ancestorId, ${RUN} FROM json_each(@keys) AS k CROSS JOIN dag_runs AS r ON r.rowid IN (
      SELECT r.rowid FROM dag_runs AS r WHERE ${[belongs, ...conditions].join(' AND ')} ORDER BY ${orderBy(slice, 'oldest')} LIMIT @limit + 0
    ) ORDER BY k.key, r.started_at, r.run_id`,
    parameters,
  );
}

export function childPages(db: Connection, parentRunIds: readonly string[], slice: Slice): DagRun[] {
  return slicesOf(db, parentRunIds, 'r.parent_run_id = k.value', slice);
}

/** What is below a root carries its id; what is below a sub-run has to be found level by level. */
export function descendantPages(
  db: Connection,
  runs: readonly DagRun[],
  slice: Slice,
): (DagRun & { ancestorId: string })[] {
  const roots = runs.filter((run) => run.parentRunId === null).map((run) => run.runId);
  const inner = runs.filter((run) => run.parentRunId !== null).map((run) => run.runId);
  return [
    ...(roots.length ? slicesOf(db, roots, 'r.root_run_id = k.value AND r.parent_run_id IS NOT NULL', slice) : []),
    ...(inner.length ? innerDescendants(db, inner, slice) : []),
  ];
}

function innerDescendants(
  db: Connection,
  runIds: readonly string[],
  slice: Slice,
): (DagRun & { ancestorId: string })[] {
  const parameters: Parameters = { keys: textKeys(runIds), limit: slice.limit };
  const conditions = sliceConditions(slice, 'oldest', (name, value) => {
    parameters[name] = value;
    return `@${name}`;
  });
  // UNION rather than UNION ALL: a foreign file may hold a circle of parents.
  return db.all(
    `WITH RECURSIVE below(ancestor_id, run_id) AS (
      SELECT k.value, c.run_id FROM json_each(@keys) AS k CROSS JOIN dag_runs AS c ON c.parent_run_id = k.value
      UNION
      SELECT b.ancestor_id, c.run_id FROM below AS b CROSS JOIN dag_runs AS c ON c.parent_run_id = b.run_id
    ), ranked AS (
      SELECT b.ancestor_id, b.run_id, row_number() OVER (PARTITION BY b.ancestor_id ORDER BY ${orderBy(slice, 'oldest')}) AS place
      FROM below AS b CROSS JOIN dag_runs AS r ON r.run_id = b.run_id
      WHERE ${['b.ancestor_id <> b.run_id', ...conditions].join(' AND ')}
    )
    SELECT ranked.ancestor_id AS ancestorId, ${RUN} FROM ranked CROSS JOIN dag_runs AS r ON r.run_id = ranked.run_id
    WHERE ranked.place <= @limit ORDER BY ranked.ancestor_id, r.started_at, r.run_id`,
    parameters,
  );
}

/**
 * The sub-runs of a node are a range of its run's children by name: those of `label[...]`, then those of `label/...`.
 * Of them, a node with a longer label may own some. Texts are compared, never measured: a label may hold NUL.
 */
const CHILD_COUNTS = `
  SELECT p.run_id AS runId, k.value AS nodeLabel, c.status, count(*) AS count
  FROM ${NODE_KEYS}
  CROSS JOIN (SELECT '[' AS opens, '\\' AS closes UNION ALL SELECT '/', '0') AS mark
  CROSS JOIN dag_runs AS p ON p.run_id = keys.key
  CROSS JOIN dag_runs AS c ON c.parent_run_id = p.run_id
    AND c.dag_nsref >= p.dag_nsref || '/' || k.value || mark.opens
    AND c.dag_nsref < p.dag_nsref || '/' || k.value || mark.closes
  WHERE NOT EXISTS (
    SELECT 1 FROM node_executions AS n
    WHERE n.run_id = p.run_id
      AND n.node_label >= k.value || mark.opens AND n.node_label < k.value || mark.closes
      AND (c.dag_nsref >= p.dag_nsref || '/' || n.node_label || '[' AND c.dag_nsref < p.dag_nsref || '/' || n.node_label || '\\'
        OR c.dag_nsref >= p.dag_nsref || '/' || n.node_label || '/' AND c.dag_nsref < p.dag_nsref || '/' || n.node_label || '0')
  )
  GROUP BY keys.key, k.key, c.status`;

export function childCounts(db: Connection, keys: readonly NodeKey[]): (NodeKey & StatusCount)[] {
  return db.all(CHILD_COUNTS, { keys: nodeKeys(keys) });
}

/** Rows of nodes and edges are tied to their run, so one statement finds the newest time of all three. */
const LATEST_UPDATES = `
  SELECT r.run_id AS runId, max(
    r.started_at, coalesce(r.finished_at, r.started_at),
    coalesce((
      SELECT max(max(coalesce(n.started_at, r.started_at), coalesce(n.finished_at, r.started_at)))
      FROM node_executions AS n WHERE n.run_id = r.run_id
    ), r.started_at),
    coalesce((SELECT max(e.traversed_at) FROM edge_traversals AS e WHERE e.run_id = r.run_id), r.started_at)
  ) AS latestUpdate
  FROM dag_runs AS r WHERE r.run_id IN (SELECT value FROM json_each(@runIds))`;

export function latestUpdates(db: Connection, runIds: readonly string[]): { runId: string; latestUpdate: number }[] {
  return db.all(LATEST_UPDATES, { runIds: textKeys(runIds) });
}
