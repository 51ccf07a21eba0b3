/** What changed in one tree of a lythonic file after a mark. Each answer is read in one state of the file. */
import { type DagRun, type EdgeTraversal, NODE_STATUSES, type NodeExecution, RUN_ENDS } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { inList, textKeys } from '../embedded/keys.ts';
import { asNodes, type NodeRow } from '../embedded/nodes.ts';
import { runsAround } from '../embedded/runs.ts';
import type { TreeChanges } from '../feed.ts';
import { type Mark, type Open, writeMark } from './mark.ts';
import {
  changedSince,
  type Ends,
  endsOf,
  IN_RANGE,
  markIn,
  openAmong,
  type Range,
  ROWED_NODE,
  ROWED_RUN,
  type Rowed,
  rowids,
  stateOf,
  step,
  withoutRid,
} from './since.ts';

/** Of how many rows at the end of a table those of one tree are picked out; for more of them, its runs lead to them. */
const TAIL = 5_000;

/** How many runs that failed are followed in a tree, the newest: they can be restarted, which is rare, and then shows in their nodes too. */
const MAX_FAILED = 200;

export function treeChanges(db: Connection, root: string, cursor: string | null, limit: number): TreeChanges | null {
  const top = db.get<Rowed<DagRun>>(TREE_TOP, { root });
  if (!top) return null;
  const ends = endsOf(db);
  const known = markIn(db, cursor, ends);
  const mark = known ?? beginning(ends);

  // What does not fit comes in the next step: first all runs, then all nodes, then all edges.
  const runs = step<DagRun>(limit, mark.runs, ends.runs, (range) => db.all(newRuns(range), { root, ...range }));
  const nodes = step<NodeExecution>(runs.left, mark.nodes, ends.nodes, (range) =>
    asNodes(db.all<Rowed<NodeRow>>(newNodes(range), { root, ...range })),
  );
  const edges = step<EdgeTraversal>(nodes.left, mark.edges, ends.edges, (range) =>
    db.all(newEdges(range), { root, ...range }),
  );
  const openRuns = db.all<Rowed<DagRun>>(RUNS_AT, { root, rids: rowids(mark.openRuns) });
  const openNodes = asNodes(db.all<Rowed<NodeRow>>(NODES_AT, { root, rids: rowids(mark.openNodes) }));

  const toldRuns = [...runs.rows, ...changedSince(mark.openRuns, openRuns)].map(withoutRid);
  const toldNodes = [...nodes.rows, ...changedSince(mark.openNodes, openNodes)].map(withoutRid);
  const toldEdges = edges.rows.map(withoutRid);
  return {
    cursor: writeMark({
      anchor: ends.anchor,
      runs: runs.until,
      nodes: nodes.until,
      edges: edges.until,
      openRuns: openRunsAmong([...openRuns, ...runs.rows]),
      openNodes: openAmong([...openNodes, ...nodes.rows], isOpenNode),
    }),
    reset: known === null,
    more: runs.until < ends.runs || nodes.until < ends.nodes || edges.until < ends.edges,
    runs: toldRuns,
    nodes: toldNodes,
    edges: toldEdges,
    around: runsAround(db, root, [...toldNodes, ...toldEdges], toldRuns),
    ended: !ACTIVE.includes(top.status) && !db.get(ACTIVE_IN_TREE, { root }),
  };
}

/**
 * Where the trees of some runs stand. Reads of a file are not of one state, so a run counts as it was told: if it has changed
 * since, that comes after the mark. What is told later may come once more.
 */
export function treeCursors(db: Connection, runs: readonly DagRun[]): { runId: string; cursor: string }[] {
  const roots = textKeys([...new Set(runs.map(({ rootRunId }) => rootRunId))]);
  const ends = endsOf(db);
  const openRuns = Map.groupBy(db.all<Rowed<DagRun>>(OPEN_RUNS_IN_TREES, { roots }), ({ rootRunId }) => rootRunId);
  const openNodes = Map.groupBy(
    asNodes(db.all<Rowed<NodeRow> & { rootRunId: string }>(OPEN_NODES_IN_TREES, { roots })),
    ({ rootRunId }) => rootRunId,
  );
  const places = db.all<{ runId: string; rid: number }>(ROWIDS, { runIds: textKeys(runIdsOf(runs)) });
  const rids = new Map(places.map(({ runId, rid }) => [runId, rid]));
  return runs.flatMap((run) => {
    const rid = rids.get(run.runId);
    if (rid === undefined) return [];
    const asTold = new Map(openRunsAmong(openRuns.get(run.rootRunId) ?? [])).set(rid, stateOf(run));
    const mark = { ...ends, openRuns: asTold, openNodes: openAmong(openNodes.get(run.rootRunId) ?? [], isOpenNode) };
    return [{ runId: run.runId, cursor: writeMark(mark) }];
  });
}

function beginning({ anchor }: Ends): Mark {
  return { anchor, runs: 0, nodes: 0, edges: 0, openRuns: new Map(), openNodes: new Map() };
}

/** The runs that have not ended, and the newest of those that failed. */
function openRunsAmong(runs: readonly Rowed<DagRun>[]): Open {
  const [failed = [], others = []] = [true, false].map((hasFailed) =>
    runs.filter(({ status }) => (status === 'failed') === hasFailed),
  );
  const newest = failed.toSorted((a, b) => b.rid - a.rid).slice(0, MAX_FAILED);
  return openAmong([...others, ...newest], mayGoOn);
}

function runIdsOf(rows: readonly { readonly runId: string }[]): string[] {
  return rows.map(({ runId }) => runId);
}

const ACTIVE: readonly string[] = ['running', 'paused'];
const FINAL: readonly string[] = RUN_ENDS.filter((status) => status !== 'failed');
/** A node that failed does not change: when it starts again, another row takes its place. */
const NODE_ENDS: readonly string[] = NODE_STATUSES.filter((status) => status !== 'pending' && status !== 'running');

/** A run that failed can be restarted; that is rare, and not looked for among all runs. */
function mayGoOn({ status }: DagRun): boolean {
  return !FINAL.includes(status);
}

function isOpenNode({ status }: NodeExecution): boolean {
  return !NODE_ENDS.includes(status);
}

const EDGE = `e.run_id AS runId, e.upstream_label AS upstreamLabel, e.downstream_label AS downstreamLabel,
  e.traversed_at AS traversedAt, e.rid`;

const TREE_TOP = `SELECT ${ROWED_RUN} FROM dag_runs AS r WHERE r.run_id = @root AND r.root_run_id = @root`;
const TREE = `(SELECT rid FROM dag_runs WHERE run_id = @root
  UNION SELECT rid FROM dag_runs WHERE root_run_id = @root AND parent_run_id IS NOT NULL) AS t
  CROSS JOIN dag_runs AS r ON r.rid = t.rid`;

const ACTIVE_IN_TREE = `SELECT 1 FROM ${TREE} WHERE r.status IN ${inList(ACTIVE)} LIMIT 1`;

const TREES = `(SELECT r.rid FROM json_each(@roots) AS k CROSS JOIN dag_runs AS r ON r.run_id = k.value
    UNION SELECT r.rid FROM json_each(@roots) AS k CROSS JOIN dag_runs AS r ON r.root_run_id = k.value AND r.parent_run_id IS NOT NULL
  ) AS t CROSS JOIN dag_runs AS r ON r.rid = t.rid`;
const OPEN_RUNS_IN_TREES = `SELECT ${ROWED_RUN} FROM ${TREES} WHERE r.status NOT IN ${inList(FINAL)}`;
// Of runs that have ended, too: what runs inside one can outlive it.
const OPEN_NODES_IN_TREES = `SELECT ${ROWED_NODE}, r.root_run_id AS rootRunId
  FROM ${TREES} CROSS JOIN node_executions AS n ON n.run_id = r.run_id
  WHERE n.status NOT IN ${inList(NODE_ENDS)}`;
const ROWIDS = `SELECT r.run_id AS runId, r.rid FROM json_each(@runIds) AS k CROSS JOIN dag_runs AS r ON r.run_id = k.value`;

const isTail = ({ after, until }: Range): boolean => until - after <= TAIL;
function newRuns(range: Range): string {
  const from = isTail(range) ? 'dag_runs AS r' : TREE;
  return `SELECT ${ROWED_RUN} FROM ${from} WHERE ${IN_RANGE('r.rid')} AND +r.root_run_id = @root ORDER BY r.rid LIMIT @limit + 0`;
}

function newNodes(range: Range): string {
  const from = isTail(range)
    ? 'node_executions AS n CROSS JOIN dag_runs AS r ON r.run_id = n.run_id'
    : `${TREE} CROSS JOIN node_executions AS n ON n.run_id = r.run_id`;
  return `SELECT ${ROWED_NODE} FROM ${from} WHERE ${IN_RANGE('n.rid')} AND +r.root_run_id = @root ORDER BY n.rid LIMIT @limit + 0`;
}

function newEdges(range: Range): string {
  const from = isTail(range)
    ? 'edge_traversals AS e CROSS JOIN dag_runs AS r ON r.run_id = e.run_id'
    : `${TREE} CROSS JOIN edge_traversals AS e ON e.run_id = r.run_id`;
  return `SELECT ${EDGE} FROM ${from} WHERE ${IN_RANGE('e.rid')} AND +r.root_run_id = @root ORDER BY e.rid LIMIT @limit + 0`;
}

// Rowids can be given again after a deletion: what is at one must be of this tree still.
const RUNS_AT = `SELECT ${ROWED_RUN} FROM json_each(@rids) AS k CROSS JOIN dag_runs AS r ON r.rid = k.value
  WHERE +r.root_run_id = @root`;
const NODES_AT = `SELECT ${ROWED_NODE} FROM json_each(@rids) AS k CROSS JOIN node_executions AS n ON n.rid = k.value
  CROSS JOIN dag_runs AS r ON r.run_id = n.run_id WHERE +r.root_run_id = @root`;
