import type { DagRun, NodeKey } from '../../model.ts';
import { capped } from '../capped.ts';
import type { Slice, StatusCount } from '../store.ts';
import { nodeKeys, Parameters } from './keys.ts';
import type { Session } from './session.ts';
import { orderBy, RUN, sliceConditions } from './slices.ts';

type Descendant = DagRun & { ancestorId: string };

const RUNS_BY_IDS = `SELECT ${RUN} FROM dag_runs AS r WHERE r.run_id = ANY($1::text[])`;

export function runsByIds(session: Session, runIds: readonly string[]): Promise<DagRun[]> {
  return session.all<DagRun>(RUNS_BY_IDS, [runIds]);
}

const CHILDREN_OF = `SELECT ${RUN} FROM unnest($1::text[]) AS k (run_id) JOIN dag_runs AS r ON r.parent_run_id = k.run_id
  LIMIT $2::bigint + 1`;

export async function childrenOf(session: Session, parentRunIds: readonly string[], limit: number): Promise<DagRun[]> {
  return capped(await session.all<DagRun>(CHILDREN_OF, [parentRunIds, limit]), limit);
}

/** The same slice for many: of each key the runs that `belongs` ties to it, in order of start. */
function slicesOf(session: Session, keys: readonly string[], belongs: string, slice: Slice): Promise<Descendant[]> {
  const parameters = new Parameters();
  const { bind, values } = parameters;
  const sql = `SELECT k.run_id AS "ancestorId", ${RUN}
    FROM unnest(${bind('text[]', keys)}) WITH ORDINALITY AS k (run_id, place) CROSS JOIN LATERAL (
      SELECT * FROM dag_runs AS r WHERE ${[belongs, ...sliceConditions(slice, 'oldest', parameters)].join(' AND ')}
      ORDER BY ${orderBy(slice, 'oldest')} LIMIT ${bind('bigint', slice.limit)}
    ) AS r ORDER BY k.place, r.started_at, r.run_id`;
  return session.all<Descendant>(sql, values);
}

export async function childPages(session: Session, parentRunIds: readonly string[], slice: Slice): Promise<DagRun[]> {
  return slicesOf(session, parentRunIds, 'r.parent_run_id = k.run_id', slice);
}

/** What is below a root carries its id; what is below a sub-run has to be found level by level. */
export async function descendantPages(session: Session, runs: readonly DagRun[], slice: Slice): Promise<Descendant[]> {
  const roots = runs.filter((run) => run.parentRunId === null).map((run) => run.runId);
  const inner = runs.filter((run) => run.parentRunId !== null);
  const found = await Promise.all([
    roots.length > 0 ? slicesOf(session, roots, 'r.root_run_id = k.run_id AND r.parent_run_id IS NOT NULL', slice) : [],
    inner.length > 0 ? innerDescendants(session, inner, slice) : [],
  ]);
  return found.flat();
}

/** The root goes along, so that a database spread over many machines looks on one only. */
function innerDescendants(session: Session, runs: readonly DagRun[], slice: Slice): Promise<Descendant[]> {
  const parameters = new Parameters();
  const { bind, values } = parameters;
  const runIds = bind(
    'text[]',
    runs.map(({ runId }) => runId),
  );
  const rootIds = bind(
    'text[]',
    runs.map(({ rootRunId }) => rootRunId),
  );
  const conditions = ['b.ancestor_id <> b.run_id', ...sliceConditions(slice, 'oldest', parameters)];
  // UNION rather than UNION ALL: what was copied may be its own parent.
  const sql = `
    WITH RECURSIVE below (ancestor_id, run_id, root_run_id) AS (
      SELECT k.run_id, c.run_id, k.root_run_id FROM unnest(${runIds}, ${rootIds}) AS k (run_id, root_run_id)
      JOIN dag_runs AS c ON c.parent_run_id = k.run_id AND c.root_run_id = k.root_run_id
      UNION
      SELECT b.ancestor_id, c.run_id, b.root_run_id FROM below AS b
      JOIN dag_runs AS c ON c.parent_run_id = b.run_id AND c.root_run_id = b.root_run_id
    ), ranked AS (
      SELECT b.ancestor_id, r.*, row_number() OVER (PARTITION BY b.ancestor_id ORDER BY ${orderBy(slice, 'oldest')}) AS place
      FROM below AS b JOIN dag_runs AS r ON r.run_id = b.run_id WHERE ${conditions.join(' AND ')}
    )
    SELECT r.ancestor_id AS "ancestorId", ${RUN} FROM ranked AS r WHERE r.place <= ${bind('bigint', slice.limit)}
    ORDER BY r.ancestor_id, r.started_at, r.run_id`;
  return session.all<Descendant>(sql, values);
}

/**
 * The sub-runs of a node are a range of its run's children by expansion key: those of `label[...]`, then those of `label/...`.
 * Of them, a node with a longer label may own some. The index holds the beginnings of keys only, since they may be long.
 */
const CHILD_COUNTS = `
  SELECT k.run_id AS "runId", k.node_label AS "nodeLabel", c.status, count(*) AS count
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (run_id, node_label, place)
  CROSS JOIN (VALUES ('[', '\\'), ('/', '0')) AS mark (opens, closes)
  JOIN dag_runs AS c ON c.parent_run_id = k.run_id
    AND left(c.expansion_key, 400) >= left(k.node_label || mark.opens, 400)
    AND left(c.expansion_key, 400) <= left(k.node_label || mark.closes, 400)
    AND c.expansion_key >= k.node_label || mark.opens AND c.expansion_key < k.node_label || mark.closes
  WHERE NOT EXISTS (
    SELECT 1 FROM node_executions AS n
    WHERE n.run_id = k.run_id AND n.node_label >= k.node_label || mark.opens AND n.node_label < k.node_label || mark.closes
      AND (c.expansion_key >= n.node_label || '[' AND c.expansion_key < n.node_label || '\\'
        OR c.expansion_key >= n.node_label || '/' AND c.expansion_key < n.node_label || '0')
  )
  GROUP BY k.place, k.run_id, k.node_label, c.status`;

export function childCounts(session: Session, keys: readonly NodeKey[]): Promise<(NodeKey & StatusCount)[]> {
  return session.all(CHILD_COUNTS, nodeKeys(keys));
}

const LATEST_UPDATES = `
  SELECT r.run_id AS "runId", greatest(
    r.started_at, r.finished_at,
    (SELECT max(greatest(n.started_at, n.finished_at)) FROM node_executions AS n WHERE n.run_id = r.run_id),
    (SELECT max(e.traversed_at) FROM edge_traversals AS e WHERE e.run_id = r.run_id)
  ) AS "latestUpdate"
  FROM dag_runs AS r WHERE r.run_id = ANY($1::text[])`;

export function latestUpdates(
  session: Session,
  runIds: readonly string[],
): Promise<{ runId: string; latestUpdate: number }[]> {
  return session.all(LATEST_UPDATES, [runIds]);
}
