import type { DagRun, EdgeTraversal, NodeExecution } from '../../model.ts';
import type { RunChanges, TreeAt, TreeChanges } from '../feed.ts';
import { EDGE } from './edges.ts';
import { NODE } from './nodes.ts';
import type { Session } from './session.ts';
import { RUN } from './slices.ts';

type Versioned = { readonly version: number };

const TREE = `
  SELECT t.tree_version AS version, t.status NOT IN ('running', 'paused') AND NOT EXISTS (
    SELECT 1 FROM dag_runs AS r WHERE r.root_run_id = $1::text AND r.status IN ('running', 'paused')
  ) AS ended FROM dag_runs AS t WHERE t.run_id = $1::text AND t.root_run_id = $1::text`;

/** The first rows of a table that changed in a tree after a version. */
const NEXT = 'root_run_id = $1::text AND version > $2::bigint ORDER BY version LIMIT $3::bigint';

const RUNS = `SELECT ${RUN}, r.version FROM dag_runs AS r WHERE ${NEXT}`;
const NODES = `SELECT ${NODE}, n.version FROM node_executions AS n WHERE ${NEXT}`;
const EDGES = `SELECT ${EDGE}, e.version FROM edge_traversals AS e WHERE ${NEXT}`;

/** The root, if anything changed, and the runs of those nodes and edges. */
const AROUND = `
  SELECT ${RUN} FROM (
    (SELECT run_id FROM node_executions WHERE ${NEXT}) UNION (SELECT run_id FROM edge_traversals WHERE ${NEXT})
    UNION (SELECT $1::text)
  ) AS k JOIN dag_runs AS r ON r.run_id = k.run_id`;

/** A cursor of a tree is its version. What one transaction wrote has one version and comes as a whole, however much it is. */
export async function treeChanges(
  session: Session,
  root: string,
  cursor: string | null,
  limit: number,
): Promise<TreeChanges | null> {
  const known = wholeNumber(cursor);
  const after = known ?? 0;
  const values = [root, after, limit + 1];
  const parts = await session.snapshot([
    { sql: TREE, values: [root] },
    { sql: RUNS, values },
    { sql: NODES, values },
    { sql: EDGES, values },
    { sql: AROUND, values },
  ]);
  const [[tree], runs, nodes, edges, around] = parts as [
    [{ version: number; ended: boolean }?],
    (DagRun & Versioned)[],
    (NodeExecution & Versioned)[],
    (EdgeTraversal & Versioned)[],
    DagRun[],
  ];
  if (!tree) return null;
  // A cursor from a copy of the database that was further on, say.
  if (after > tree.version) return treeChanges(session, root, null, limit);
  const until = wholeUntil([...runs, ...nodes, ...edges], tree.version, limit);
  // One transaction has more than that.
  if (until <= after && after < tree.version) return treeChanges(session, root, cursor, limit * 8);
  const rows = { runs: upTo(until, runs), nodes: upTo(until, nodes), edges: upTo(until, edges) };
  return {
    cursor: String(until),
    reset: known === null,
    more: until < tree.version,
    ...rows,
    around: runsAround(root, rows, around),
    ended: tree.ended,
  };
}

/** The version up to which rows are all there, when of each table at most one more than `limit` was read. */
function wholeUntil(rows: readonly Versioned[], newest: number, limit: number): number {
  if (rows.length <= limit) return newest;
  const versions = rows.map(({ version }) => version).sort((a, b) => a - b);
  return (versions[limit] ?? newest) - 1;
}

function upTo<Row extends Versioned>(until: number, rows: readonly Row[]): Omit<Row, 'version'>[] {
  const fitting: Omit<Row, 'version'>[] = [];
  for (const { version, ...row } of rows) if (version <= until) fitting.push(row);
  return fitting;
}

/** Of the runs read, the root of some rows and the runs that they are of, except those that came along. */
function runsAround(
  root: string,
  { runs, nodes, edges }: Pick<TreeChanges, 'runs' | 'nodes' | 'edges'>,
  read: readonly DagRun[],
): DagRun[] {
  if (nodes.length + edges.length === 0) return [];
  const wanted = new Set([root, ...nodes.map(({ runId }) => runId), ...edges.map(({ runId }) => runId)]);
  for (const { runId } of runs) wanted.delete(runId);
  return read.filter(({ runId }) => wanted.has(runId));
}

const MOVED = `
  SELECT k.run_id AS "runId" FROM unnest($1::text[], $2::bigint[]) AS k (run_id, version)
  LEFT JOIN dag_runs AS t ON t.run_id = k.run_id WHERE t.tree_version IS DISTINCT FROM k.version`;

/** Of these trees, the roots of those that have another version than the cursor, or are gone. */
export async function movedTrees(session: Session, trees: readonly TreeAt[]): Promise<string[]> {
  const versions = trees.map(({ cursor }) => wholeNumber(cursor));
  const moved = await session.all<{ runId: string }>(MOVED, [trees.map(({ rootRunId }) => rootRunId), versions]);
  return moved.map(({ runId }) => runId);
}

const VERSIONS = `
  SELECT r.run_id AS "runId", r.status, r.finished_at AS "finishedAt", r.version, t.tree_version AS "treeVersion"
  FROM unnest($1::text[]) AS k (run_id) JOIN dag_runs AS r ON r.run_id = k.run_id JOIN dag_runs AS t ON t.run_id = r.root_run_id`;

/** A run that has changed since it was read is told again, with all that came with that change and after. */
export async function treeCursors(
  session: Session,
  runs: readonly DagRun[],
): Promise<{ runId: string; cursor: string }[]> {
  type Row = Pick<DagRun, 'runId' | 'status' | 'finishedAt'> & { version: number; treeVersion: number };
  const rows = await session.all<Row>(VERSIONS, [runs.map(({ runId }) => runId)]);
  const told = new Map(runs.map((run) => [run.runId, run]));
  return rows.map(({ runId, status, finishedAt, version, treeVersion }) => {
    const run = told.get(runId);
    const isAsTold = run?.status === status && run.finishedAt === finishedAt;
    return { runId, cursor: String(isAsTold ? treeVersion : version - 1) };
  });
}

const LANES = 'SELECT lane, commits FROM commit_lanes ORDER BY lane';

const CHANGED_RUNS = `
  SELECT ${RUN}, r.lane, r.commit_no AS "commitNo" FROM unnest($1::bigint[]) WITH ORDINALITY AS k (after, place)
  CROSS JOIN LATERAL (
    SELECT * FROM dag_runs AS r WHERE r.lane = k.place - 1 AND r.commit_no > k.after ORDER BY r.commit_no LIMIT $2::bigint
  ) AS r ORDER BY r.lane, r.commit_no`;

type Stamped = DagRun & { readonly lane: number; readonly commitNo: number };

/**
 * A cursor of all runs has the number of the last commit of each lane. Inside a lane commits come in order; a run that another
 * lane changes meanwhile comes with that lane.
 */
export async function runChanges(session: Session, cursor: string | null, limit: number): Promise<RunChanges> {
  const given = asLanes(cursor) ?? [];
  const parts = await session.snapshot([
    { sql: LANES, values: [] },
    ...(cursor === null ? [] : [{ sql: CHANGED_RUNS, values: [padded(given), limit + 1] }]),
  ]);
  const [lanes, rows = []] = parts as [{ lane: number; commits: number }[], Stamped[]?];
  const newest = lanes.map(({ commits }) => commits);
  const isKnown = asLanes(cursor) !== null && given.every((commits, lane) => commits <= (newest[lane] ?? -1));
  if (!isKnown) return { cursor: asCursor(newest), reset: true, more: false, runs: [] };

  const reached = newest.map((_, lane) => given[lane] ?? 0);
  const byLane = Map.groupBy(rows, ({ lane }) => lane);
  const runs: DagRun[] = [];
  for (const [lane, commits] of newest.entries()) {
    const changed = byLane.get(lane) ?? [];
    const until = Math.max(reached[lane] ?? 0, wholeCommits(changed, commits, limit, limit - runs.length));
    for (const { lane: _, commitNo, ...run } of changed) if (commitNo <= until) runs.push(run);
    reached[lane] = until;
  }
  const more = newest.some((commits, lane) => (reached[lane] ?? 0) < commits);
  // One transaction has more than that.
  if (more && runs.length === 0) return runChanges(session, cursor, limit * 8);
  return { cursor: asCursor(reached), reset: false, more, runs };
}

/** The commit of a lane up to which all its rows were read, and of them at most as many as there is room for. */
function wholeCommits(rows: readonly Stamped[], newest: number, limit: number, room: number): number {
  const beyond = rows[Math.min(limit, Math.max(room, 0))];
  return beyond ? beyond.commitNo - 1 : newest;
}

/** The lanes that have commits, each with its number. */
function asCursor(lanes: readonly number[]): string {
  const used = [...lanes.entries()].filter(([, commits]) => commits > 0);
  return used.map(([lane, commits]) => `${lane}:${commits}`).join(',') || '0';
}

/** Null for a text that is no cursor of ours. */
function asLanes(cursor: string | null): number[] | null {
  if (cursor === '0') return [];
  if (cursor === null || !/^\d{1,2}:\d{1,15}(,\d{1,2}:\d{1,15})*$/.test(cursor)) return null;
  const lanes: number[] = [];
  for (const pair of cursor.split(',')) {
    const [lane, commits] = pair.split(':');
    lanes[Number(lane)] = Number(commits);
  }
  return lanes;
}

function padded(lanes: readonly number[]): number[] {
  return Array.from({ length: 64 }, (_, lane) => lanes[lane] ?? 0);
}

function wholeNumber(cursor: string | null): number | null {
  return cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : null;
}
