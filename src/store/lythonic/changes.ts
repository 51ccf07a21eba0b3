/** What changed in a lythonic file after a mark. Each answer is read in one state of the file. */
import { type DagRun, type EdgeTraversal, NODE_STATUSES, type NodeExecution, RUN_ENDS } from '../../model.ts';
import type { Connection, Parameters } from '../embedded/connection.ts';
import { inList, textKeys } from '../embedded/keys.ts';
import { asNodes, NODE, type NodeRow } from '../embedded/nodes.ts';
import { runsAround } from '../embedded/runs.ts';
import { RUN } from '../embedded/slices.ts';
import type { RunChanges, TreeChanges } from '../feed.ts';
import { type Anchor, type Mark, type Open, print, readMark, writeMark } from './mark.ts';

/** A row and its rowid in the file. */
type Rowed<Row> = Row & { readonly rid: number };

/** Of how many rows at the end of a table those of one tree are picked out; for more of them, its runs lead to them. */
const TAIL = 5_000;

/** How many roots, and how many sub-runs, that have not ended are followed among all runs, the newest: the others are dead as a rule. */
const MAX_OPEN = 500;

/** After how many rows a cursor of all runs is too old: beginning anew is cheaper. */
const TOO_OLD = 100_000;

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
      openRuns: openAmong([...openRuns, ...runs.rows], mayGoOn),
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
    const asTold = new Map(openAmong(openRuns.get(run.rootRunId) ?? [], mayGoOn)).set(rid, stateOf(run));
    const mark = { ...ends, openRuns: asTold, openNodes: openAmong(openNodes.get(run.rootRunId) ?? [], isOpenNode) };
    return [{ runId: run.runId, cursor: writeMark(mark) }];
  });
}

export function runChanges(db: Connection, cursor: string | null, limit: number): RunChanges {
  const ends = endsOf(db);
  const mark = markIn(db, cursor, ends);
  if (!mark || ends.runs - mark.runs > TOO_OLD || ends.nodes - mark.nodes > TOO_OLD) {
    const open = [OPEN_ROOTS, OPEN_SUB_RUNS].flatMap((sql) => db.all<Rowed<DagRun>>(sql, { limit: MAX_OPEN }));
    const openRuns = openAmong(open, isOpenRun);
    const next = writeMark({ ...ends, edges: 0, openRuns, openNodes: new Map() });
    return { cursor: next, reset: true, more: false, runs: [] };
  }
  const runs = step<DagRun>(limit, mark.runs, ends.runs, (range) => db.all(ALL_NEW_RUNS, { ...range }));
  const openRuns = db.all<Rowed<DagRun>>(ALL_RUNS_AT, { rids: rowids(mark.openRuns) });
  const restarted = db
    .all<Rowed<DagRun>>(RUNS_OF_NEW_NODES, { after: mark.nodes, until: ends.nodes, told: mark.runs })
    .filter(({ rid }) => !mark.openRuns.has(rid));
  return {
    cursor: writeMark({
      ...ends,
      runs: runs.until,
      edges: 0,
      openRuns: openAmong(newestOf([...openRuns, ...restarted, ...runs.rows].filter(isOpenRun)), isOpenRun),
      openNodes: new Map(),
    }),
    reset: false,
    more: runs.until < ends.runs,
    runs: [...runs.rows, ...changedSince(mark.openRuns, openRuns), ...restarted].map(withoutRid),
  };
}

/** Rowids that end a range of new rows, and how many of them fit. */
interface Range extends Parameters {
  readonly after: number;
  readonly until: number;
  readonly limit: number;
}

interface Step<Row> {
  readonly rows: readonly Rowed<Row>[];
  /** The rows up to here were told. */
  readonly until: number;
  /** How many more rows fit. */
  readonly left: number;
}

function step<Row>(limit: number, after: number, end: number, read: (range: Range) => Rowed<Row>[]): Step<Row> {
  if (limit <= 0) return { rows: [], until: after, left: 0 };
  const rows = read({ after, until: end, limit });
  return { rows, until: rows.length < limit ? end : (rows.at(-1)?.rid ?? end), left: limit - rows.length };
}

type Ends = Pick<Mark, 'anchor' | 'runs' | 'nodes' | 'edges'>;

function endsOf(db: Connection): Ends {
  const anchor = db.get<Anchor>(NEWEST_RUN) ?? { rid: 0, runId: '' };
  const last = (sql: string): number => db.get<{ rid: number }>(sql)?.rid ?? 0;
  return { anchor, runs: anchor.rid, nodes: last(NEWEST_NODE), edges: last(NEWEST_EDGE) };
}

function beginning({ anchor }: Ends): Mark {
  return { anchor, runs: 0, nodes: 0, edges: 0, openRuns: new Map(), openNodes: new Map() };
}

/** The mark in a cursor; null if it is none of this file as it is now. */
function markIn(db: Connection, cursor: string | null, ends: Ends): Omit<Mark, 'anchor'> | null {
  const mark = cursor === null ? null : readMark(cursor);
  if (!mark || mark.runs > ends.runs || mark.nodes > ends.nodes || mark.edges > ends.edges) return null;
  const { rid } = mark.anchor;
  const runId = rid === 0 ? '' : db.get<Anchor>(RUN_AT, { rid })?.runId;
  return runId !== undefined && print(runId) === mark.anchor.print ? mark : null;
}

/** Roots and sub-runs apart, since the sub-runs of a root are newer than it is, and can be many. */
function newestOf(runs: readonly Rowed<DagRun>[]): Rowed<DagRun>[] {
  const [roots = [], subRuns = []] = [true, false].map((isRoot) =>
    runs.filter(({ parentRunId }) => (parentRunId === null) === isRoot).toSorted((a, b) => b.rid - a.rid),
  );
  return [...roots.slice(0, MAX_OPEN), ...subRuns.slice(0, MAX_OPEN)];
}

function runIdsOf(rows: readonly { readonly runId: string }[]): string[] {
  return rows.map(({ runId }) => runId);
}

interface State {
  readonly status: string;
  readonly finishedAt: number | null;
}

function openAmong<Row extends Rowed<State>>(rows: readonly Row[], isOpen: (row: Row) => boolean): Open {
  return new Map(rows.filter(isOpen).map((row) => [row.rid, stateOf(row)]));
}

function changedSince<Row extends Rowed<State>>(open: Open, rows: readonly Row[]): Row[] {
  return rows.filter((row) => open.get(row.rid) !== stateOf(row));
}

function stateOf({ status, finishedAt }: State): number {
  return print(`${status} ${finishedAt}`);
}

function withoutRid<Row>({ rid: _, ...row }: Rowed<Row>): Omit<Rowed<Row>, 'rid'> {
  return row;
}

function rowids(open: Open): string {
  return JSON.stringify([...open.keys()]);
}

const ACTIVE: readonly string[] = ['running', 'paused'];
const ENDS: readonly string[] = RUN_ENDS;
const FINAL: readonly string[] = RUN_ENDS.filter((status) => status !== 'failed');
/** A node that failed does not change: when it starts again, another row takes its place. */
const NODE_ENDS: readonly string[] = NODE_STATUSES.filter((status) => status !== 'pending' && status !== 'running');

/** A run that failed can be restarted; that is rare, and not looked for among all runs. */
function mayGoOn({ status }: DagRun): boolean {
  return !FINAL.includes(status);
}

function isOpenRun({ status }: DagRun): boolean {
  return !ENDS.includes(status);
}

function isOpenNode({ status }: NodeExecution): boolean {
  return !NODE_ENDS.includes(status);
}

const NEWEST_RUN = 'SELECT rid, run_id AS runId FROM dag_runs ORDER BY rid DESC LIMIT 1';
const NEWEST_NODE = 'SELECT rid FROM file_nodes ORDER BY rid DESC LIMIT 1';
const NEWEST_EDGE = 'SELECT rid FROM edge_traversals ORDER BY rid DESC LIMIT 1';
const RUN_AT = 'SELECT rid, run_id AS runId FROM dag_runs WHERE rid = @rid';

const ROWED_RUN = `${RUN}, r.rid`;
const ROWED_NODE = `${NODE}, n.rid`;
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
const OPEN_NODES_IN_TREES = `SELECT ${ROWED_NODE}, r.root_run_id AS rootRunId
  FROM ${TREES} CROSS JOIN node_executions AS n ON n.run_id = r.run_id WHERE n.status NOT IN ${inList(NODE_ENDS)}`;
const ROWIDS = `SELECT r.run_id AS runId, r.rid FROM json_each(@runIds) AS k CROSS JOIN dag_runs AS r ON r.run_id = k.value`;

const isTail = ({ after, until }: Range): boolean => until - after <= TAIL;
const IN_RANGE = (rid: string): string => `${rid} > @after AND ${rid} <= @until`;

function newRuns(range: Range): string {
  const from = isTail(range) ? 'dag_runs AS r' : TREE;
  return `SELECT ${ROWED_RUN} FROM ${from} WHERE ${IN_RANGE('r.rid')} AND +r.root_run_id = @root ORDER BY r.rid LIMIT @limit`;
}

function newNodes(range: Range): string {
  const from = isTail(range)
    ? 'node_executions AS n CROSS JOIN dag_runs AS r ON r.run_id = n.run_id'
    : `${TREE} CROSS JOIN node_executions AS n ON n.run_id = r.run_id`;
  return `SELECT ${ROWED_NODE} FROM ${from} WHERE ${IN_RANGE('n.rid')} AND +r.root_run_id = @root ORDER BY n.rid LIMIT @limit`;
}

function newEdges(range: Range): string {
  const from = isTail(range)
    ? 'edge_traversals AS e CROSS JOIN dag_runs AS r ON r.run_id = e.run_id'
    : `${TREE} CROSS JOIN edge_traversals AS e ON e.run_id = r.run_id`;
  return `SELECT ${EDGE} FROM ${from} WHERE ${IN_RANGE('e.rid')} AND +r.root_run_id = @root ORDER BY e.rid LIMIT @limit`;
}

// Rowids can be given again after a deletion: what is at one must be of this tree still.
const RUNS_AT = `SELECT ${ROWED_RUN} FROM json_each(@rids) AS k CROSS JOIN dag_runs AS r ON r.rid = k.value
  WHERE +r.root_run_id = @root`;
const NODES_AT = `SELECT ${ROWED_NODE} FROM json_each(@rids) AS k CROSS JOIN node_executions AS n ON n.rid = k.value
  CROSS JOIN dag_runs AS r ON r.run_id = n.run_id WHERE +r.root_run_id = @root`;

const ALL_NEW_RUNS = `SELECT ${ROWED_RUN} FROM dag_runs AS r WHERE ${IN_RANGE('r.rid')} ORDER BY r.rid LIMIT @limit`;
const ALL_RUNS_AT = `SELECT ${ROWED_RUN} FROM json_each(@rids) AS k CROSS JOIN dag_runs AS r ON r.rid = k.value`;
const OPEN_ROOTS = openRunsWhere('r.parent_run_id IS NULL');
const OPEN_SUB_RUNS = openRunsWhere('r.parent_run_id IS NOT NULL');

function openRunsWhere(condition: string): string {
  return `SELECT ${ROWED_RUN} FROM dag_runs AS r WHERE r.status NOT IN ${inList(ENDS)} AND ${condition} ORDER BY r.rid DESC LIMIT @limit`;
}

/** That a run that had ended goes on shows in its nodes that start: its own row changed at its old place. */
const RUNS_OF_NEW_NODES = `SELECT ${ROWED_RUN} FROM (SELECT DISTINCT run_id FROM file_nodes WHERE ${IN_RANGE('rid')}) AS n
  CROSS JOIN dag_runs AS r ON r.run_id = n.run_id WHERE +r.rid <= @told`;
