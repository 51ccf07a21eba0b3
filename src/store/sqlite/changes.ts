import type { DagRun, EdgeTraversal } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { textKeys } from '../embedded/keys.ts';
import { asNodes, NODE, type NodeRow } from '../embedded/nodes.ts';
import { runsAround } from '../embedded/runs.ts';
import { RUN } from '../embedded/slices.ts';
import type { RunChanges, TreeChanges } from '../feed.ts';

const TREE = 'SELECT tree_version AS version, status FROM dag_runs WHERE run_id = @root AND root_run_id = @root';

/**
 * The version of the last row that fits, of all changed rows in order of version. With a plus: in parts that are merged in order, a
 * bare value that a column equals would have SQLite plan the statement at every call.
 */
const VERSION_AT = `
  SELECT version FROM (
    SELECT version FROM dag_runs WHERE root_run_id = +@root AND version > @after
    UNION ALL SELECT version FROM node_executions WHERE root_run_id = +@root AND version > @after
    UNION ALL SELECT version FROM edge_traversals WHERE root_run_id = +@root AND version > @after
  ) ORDER BY version LIMIT 1 OFFSET @limit`;

const RUNS = `SELECT ${RUN} FROM dag_runs AS r WHERE r.root_run_id = @root AND r.version > @after AND r.version <= @until`;

const NODES = `SELECT ${NODE} FROM node_executions AS n
  WHERE n.root_run_id = @root AND n.version > @after AND n.version <= @until`;

const EDGES = `
  SELECT e.run_id AS runId, e.upstream_label AS upstreamLabel, e.downstream_label AS downstreamLabel, e.traversed_at AS traversedAt
  FROM edge_traversals AS e WHERE e.root_run_id = @root AND e.version > @after AND e.version <= @until`;

const ACTIVE = "SELECT 1 FROM dag_runs WHERE root_run_id = @root AND status IN ('running', 'paused') LIMIT 1";

/** A cursor of a tree is its version. What one transaction wrote has one version and comes as a whole, however much it is. */
export function treeChanges(db: Connection, root: string, cursor: string | null, limit: number): TreeChanges | null {
  const tree = db.get<{ version: number; status: string }>(TREE, { root });
  if (!tree) return null;
  const known = versionIn(cursor, tree.version);
  const after = known ?? 0;
  const beyond = db.get<{ version: number }>(VERSION_AT, { root, after, limit })?.version;
  const until = beyond === undefined ? tree.version : Math.max(beyond - 1, after + 1);
  const range = { root, after, until };
  const runs = db.all<DagRun>(RUNS, range);
  const nodes = asNodes(db.all<NodeRow>(NODES, range));
  const edges = db.all<EdgeTraversal>(EDGES, range);
  return {
    cursor: String(until),
    reset: known === null,
    more: until < tree.version,
    runs,
    nodes,
    edges,
    around: runsAround(db, root, [...nodes, ...edges], runs),
    ended: tree.status !== 'running' && tree.status !== 'paused' && !db.get(ACTIVE, { root }),
  };
}

const VERSIONS = `
  SELECT r.run_id AS runId, r.status, r.finished_at AS finishedAt, r.version, t.tree_version AS treeVersion
  FROM json_each(@runIds) AS k CROSS JOIN dag_runs AS r ON r.run_id = k.value CROSS JOIN dag_runs AS t ON t.run_id = r.root_run_id`;

/** A run that has changed since it was read is told again, with all that came with that change and after. */
export function treeCursors(db: Connection, runs: readonly DagRun[]): { runId: string; cursor: string }[] {
  type Row = Pick<DagRun, 'runId' | 'status' | 'finishedAt'> & { version: number; treeVersion: number };
  const rows = db.all<Row>(VERSIONS, { runIds: textKeys(runs.map(({ runId }) => runId)) });
  const told = new Map(runs.map((run) => [run.runId, run]));
  return rows.map(({ runId, status, finishedAt, version, treeVersion }) => {
    const run = told.get(runId);
    const isAsTold = run?.status === status && run.finishedAt === finishedAt;
    return { runId, cursor: String(isAsTold ? treeVersion : version - 1) };
  });
}

const NEWEST_COMMIT = 'SELECT commits AS newest FROM store_state WHERE only_row = 1';

const COMMIT_AT = `
  SELECT commit_no AS commitNo FROM dag_runs WHERE commit_no > @after ORDER BY commit_no LIMIT 1 OFFSET @limit`;

const CHANGED_RUNS = `SELECT ${RUN} FROM dag_runs AS r WHERE r.commit_no > @after AND r.commit_no <= @until`;

/** A cursor of all runs is the number of a commit: this store has one writer at a time, so commits come in order. */
export function runChanges(db: Connection, cursor: string | null, limit: number): RunChanges {
  const newest = db.get<{ newest: number }>(NEWEST_COMMIT)?.newest ?? 0;
  const after = versionIn(cursor, newest);
  if (after === null) return { cursor: String(newest), reset: true, more: false, runs: [] };
  const beyond = db.get<{ commitNo: number }>(COMMIT_AT, { after, limit })?.commitNo;
  const until = beyond === undefined ? newest : Math.max(beyond - 1, after + 1);
  const runs = db.all<DagRun>(CHANGED_RUNS, { after, until });
  return { cursor: String(until), reset: false, more: until < newest, runs };
}

/** Null for a cursor that does not lead here: from a copy of the file that was further on, say. */
function versionIn(cursor: string | null, newest: number): number | null {
  const version = cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : null;
  return version !== null && version <= newest ? version : null;
}
