import { type DagRun, type NodeKey, RUN_STATUSES } from '../../model.ts';
import type { RunFilter, Slice, StatusCount, TextFilter } from '../store.ts';
import type { Connection, Parameters, Value } from './connection.ts';
import { capped, nodeKeys, textKeys } from './keys.ts';

const RUN = `r.run_id AS runId, r.dag_nsref AS dagNsref, r.parent_run_id AS parentRunId, r.root_run_id AS rootRunId,
  r.status, r.started_at AS startedAt, r.finished_at AS finishedAt, r.initiated_by AS initiatedBy`;

const RUNS_BY_IDS = `SELECT ${RUN} FROM dag_runs AS r WHERE r.run_id IN (SELECT value FROM json_each(@runIds))`;

export function runsByIds(db: Connection, runIds: readonly string[]): DagRun[] {
  return db.all<DagRun>(RUNS_BY_IDS, { runIds: textKeys(runIds) });
}

const CHILDREN_OF = `SELECT ${RUN} FROM json_each(@parents) AS k CROSS JOIN dag_runs AS r ON r.parent_run_id = k.value LIMIT @limit + 1`;

export function childrenOf(db: Connection, parentRunIds: readonly string[], limit: number): DagRun[] {
  return capped(db.all<DagRun>(CHILDREN_OF, { parents: textKeys(parentRunIds), limit }), limit);
}

/**
 * A page of all runs. Each value that a column must equal opens a lane of its own: one range of one index, already in order.
 * The page is the merge of its lanes, so it costs no more than their number times its length, however many runs there are.
 */
export function runPage(db: Connection, filter: RunFilter, slice: Slice): DagRun[] {
  const parameters: Parameters = { limit: slice.limit };
  const bind = (name: string, value: Value): string => {
    parameters[name] = value;
    return `@${name}`;
  };

  const everywhere = [...parentConditions(filter, bind), ...sliceConditions(slice, 'newest', bind)];
  if (filter.startedFrom !== undefined) everywhere.push(`r.started_at >= ${bind('from', filter.startedFrom)}`);
  if (filter.startedUntil !== undefined) everywhere.push(`r.started_at < ${bind('until', filter.startedUntil)}`);

  let lanes: string[][] = [everywhere];
  const split = (conditions: string[] | null): void => {
    if (conditions) lanes = lanes.flatMap((lane) => conditions.map((condition) => [...lane, condition]));
  };
  split(statusConditions(filter, bind));
  split(textConditions('r.dag_nsref', 'nsref', filter.dagNsref, bind));
  split(textConditions('r.initiated_by', 'initiator', filter.initiatedBy, bind));
  if (lanes.length === 0) return [];

  const order = orderBy(slice, 'newest');
  const selects = lanes.map(
    (lane) =>
      `SELECT ${RUN} FROM dag_runs AS r WHERE ${[...lane, 'true'].join(' AND ')} ORDER BY ${order} LIMIT @limit`,
  );
  const [only] = selects;
  const sql =
    selects.length === 1 && only
      ? only
      : `SELECT * FROM (${selects.map((select) => `SELECT * FROM (${select})`).join(' UNION ALL ')}) ORDER BY ${orderBy(slice, 'newest', 'startedAt', 'runId')} LIMIT @limit`;
  const rows = db.all<DagRun>(sql, parameters);
  return slice.fromEnd ? rows.reverse() : rows;
}

/** How many lanes one list of values may open; longer lists are filtered along the order of start instead. */
const MAX_LANES = 16;

type Bind = (name: string, value: Value) => string;

function parentConditions({ parent }: RunFilter, bind: Bind): string[] {
  if (parent === undefined) return [];
  return [parent === 'roots' ? 'r.parent_run_id IS NULL' : `r.parent_run_id = ${bind('parent', parent.runId)}`];
}

const KNOWN_STATUSES = RUN_STATUSES.map((status) => `'${status}'`).join(', ');

function statusConditions({ statuses, unknownStatus }: RunFilter, bind: Bind): string[] | null {
  if (!statuses && !unknownStatus) return null;
  const known = [...new Set(statuses)].map((status, i) => `r.status = ${bind(`status${i}`, status)}`);
  return unknownStatus ? [...known, `r.status NOT IN (${KNOWN_STATUSES})`] : known;
}

function textConditions(column: string, name: string, filter: TextFilter | undefined, bind: Bind): string[] | null {
  if (!filter) return null;
  const along: string[] = [];
  if (filter.startsWith !== undefined) {
    // The plus keeps the column's own index out of it: its matches would all have to be sorted by start.
    along.push(`+${column} >= ${bind(`${name}From`, filter.startsWith)}`);
    const end = afterPrefix(filter.startsWith);
    if (end !== null) along.push(`+${column} < ${bind(`${name}Until`, end)}`);
  }
  const values =
    filter.eq === undefined
      ? filter.in && [...new Set(filter.in)]
      : filter.in?.includes(filter.eq) === false
        ? []
        : [filter.eq];
  if (!values) return along.length ? [along.join(' AND ')] : null;
  if (values.length > MAX_LANES) {
    const list = `+${column} IN (SELECT value FROM json_each(${bind(`${name}In`, textKeys(values))}))`;
    return [[list, ...along].join(' AND ')];
  }
  return values.map((value, i) => [`${column} = ${bind(`${name}${i}`, value)}`, ...along].join(' AND '));
}

/** The smallest text that comes after all texts with this prefix, in the order of UTF-8 bytes; null if there is none. */
function afterPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}

type Order = 'newest' | 'oldest';

function orderBy({ fromEnd }: Slice, order: Order, startedAt = 'r.started_at', runId = 'r.run_id'): string {
  const direction = (order === 'newest') === Boolean(fromEnd) ? 'ASC' : 'DESC';
  return `${startedAt} ${direction}, ${runId} ${direction}`;
}

/** Conditions as row values: written with OR, they would cost a scan. */
function sliceConditions({ after, before }: Slice, order: Order, bind: Bind): string[] {
  const conditions: string[] = [];
  const [further, nearer] = order === 'newest' ? ['<', '>'] : ['>', '<'];
  if (after) {
    conditions.push(
      `(r.started_at, r.run_id) ${further} (${bind('afterStart', after.startedAt)}, ${bind('afterRun', after.runId)})`,
    );
  }
  if (before) {
    conditions.push(
      `(r.started_at, r.run_id) ${nearer} (${bind('beforeStart', before.startedAt)}, ${bind('beforeRun', before.runId)})`,
    );
  }
  return conditions;
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
    `SELECT k.value AS ancestorId, ${RUN} FROM json_each(@keys) AS k CROSS JOIN dag_runs AS r ON r.run_id IN (
      SELECT r.run_id FROM dag_runs AS r WHERE ${[belongs, ...conditions].join(' AND ')} ORDER BY ${orderBy(slice, 'oldest')} LIMIT @limit
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
  SELECT p.run_id AS runId, k.value ->> 1 AS nodeLabel, c.status, count(*) AS count
  FROM json_each(@keys) AS k
  CROSS JOIN (SELECT '[' AS opens, '\\' AS closes UNION ALL SELECT '/', '0') AS mark
  CROSS JOIN dag_runs AS p ON p.run_id = k.value ->> 0
  CROSS JOIN dag_runs AS c ON c.parent_run_id = p.run_id
    AND c.dag_nsref >= p.dag_nsref || '/' || (k.value ->> 1) || mark.opens
    AND c.dag_nsref < p.dag_nsref || '/' || (k.value ->> 1) || mark.closes
  WHERE NOT EXISTS (
    SELECT 1 FROM node_executions AS n
    WHERE n.run_id = p.run_id
      AND n.node_label >= (k.value ->> 1) || mark.opens AND n.node_label < (k.value ->> 1) || mark.closes
      AND (c.dag_nsref >= p.dag_nsref || '/' || n.node_label || '[' AND c.dag_nsref < p.dag_nsref || '/' || n.node_label || '\\'
        OR c.dag_nsref >= p.dag_nsref || '/' || n.node_label || '/' AND c.dag_nsref < p.dag_nsref || '/' || n.node_label || '0')
  )
  GROUP BY k.key, c.status`;

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
