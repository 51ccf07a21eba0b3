import { expansionKey } from '../../expansionKey.ts';
import type { Changes } from '../ledger/ledger.ts';
import type { NodeRow, PayloadRow, RestartRow, RunRow } from '../ledger/rows.ts';
import { given, type OverRows, overRows, together } from './given.ts';
import { PIECES, pack, piece, STAYS } from './pack.ts';
import type { Statement } from './session.ts';
import type { Scalar, Value } from './values.ts';

const NEW_RUN = [
  'run_id text',
  'dag_nsref text',
  'parent_run_id text',
  'root_run_id text',
  'expansion_key text',
  'status text',
  'status_at float8',
  'started_at float8',
  'finished_at float8',
  'initiated_by text',
  'restarts int',
  'version bigint',
] as const;

const ADD_RUNS = overRows(
  2,
  NEW_RUN,
  (k) => `
  INSERT INTO dag_runs (${namesOf(NEW_RUN)}, tree_version, lane, commit_no)
  SELECT k.*, CASE WHEN k.run_id = k.root_run_id THEN k.version END, l.lane, l.commits
  FROM ${k} CROSS JOIN commit_lanes AS l WHERE l.lane = $1::int`,
);

const CHANGE_RUNS = overRows(
  2,
  ['run_id text', 'status text', 'status_at float8', 'finished_at float8', 'restarts int', 'version bigint'],
  (k) => `
  UPDATE dag_runs AS r SET status = k.status, status_at = k.status_at, finished_at = k.finished_at, restarts = k.restarts,
    version = k.version, tree_version = CASE WHEN r.run_id = r.root_run_id THEN k.version END, lane = l.lane, commit_no = l.commits
  FROM ${k} CROSS JOIN commit_lanes AS l WHERE r.run_id = k.run_id AND l.lane = $1::int`,
);

/** Other writers in this lane wait from here on until the commit. */
const COUNT_COMMIT = 'UPDATE commit_lanes SET commits = commits + 1 WHERE lane = $1::int';

const RAISE_TREES = overRows(
  1,
  ['run_id text', 'version bigint'],
  (k) => `UPDATE dag_runs AS r SET tree_version = k.version FROM ${k} WHERE r.run_id = k.run_id`,
);

const RESTART = [
  'root_run_id text',
  'run_id text',
  'restart int',
  'left_status text',
  'left_status_at float8',
  'restarted_at float8',
] as const;

const ADD_RESTARTS = overRows(1, RESTART, (k) => `INSERT INTO run_restarts (${namesOf(RESTART)}) SELECT * FROM ${k}`);

const NODE = [
  'root_run_id text',
  'run_id text',
  'node_label text',
  'attempt int',
  'restart int',
  'status text',
  'is_source bool',
  'is_sink bool',
  'started_at float8',
  'finished_at float8',
  'error text',
] as const;

const PUT_NODES = overRows(
  1,
  [...NODE, 'version bigint'],
  (k) => `
  INSERT INTO node_executions (${namesOf(NODE)}, version) SELECT * FROM ${k}
  ON CONFLICT (run_id, node_label, root_run_id) DO UPDATE SET version = excluded.version, attempt = excluded.attempt,
    restart = excluded.restart, status = excluded.status, is_source = excluded.is_source, is_sink = excluded.is_sink,
    started_at = excluded.started_at, finished_at = excluded.finished_at, error = excluded.error`,
);

/** An attempt that was in the database before this transaction has its payload there still. */
const ADD_ATTEMPTS = overRows(
  2,
  [...NODE, ...PIECES],
  (k) => `
  INSERT INTO node_attempts (${namesOf(NODE)}, input, input_bytes, output, output_bytes)
  SELECT ${namesOf(NODE, 'k.')}, ${putOrKept('input', piece('input'), 'k', 'p')}, ${putOrKept('output', piece('output'), 'k', 'p')}
  FROM ${k} LEFT JOIN node_payloads AS p
    ON p.run_id = k.run_id AND p.node_label = k.node_label AND p.root_run_id = k.root_run_id`,
);

const PUT_RUN_PAYLOADS = putPayloads('run_payloads', 'root_run_id text', 'run_id text');
const PUT_NODE_PAYLOADS = putPayloads('node_payloads', 'root_run_id text', 'run_id text', 'node_label text');

const EDGE = [
  'root_run_id text',
  'run_id text',
  'upstream_label text',
  'downstream_label text',
  'version bigint',
  'traversed_at float8',
] as const;

const PUT_EDGES = overRows(
  1,
  EDGE,
  (k) => `
  INSERT INTO edge_traversals (${namesOf(EDGE)}) SELECT * FROM ${k}
  ON CONFLICT (run_id, upstream_label, downstream_label, root_run_id) DO UPDATE SET version = excluded.version, traversed_at = excluded.traversed_at`,
);

/** What has to be known of runs beside what is written of them. */
export interface Known {
  /** Not in the database: if it is by then, another server was quicker, and the transaction fails. */
  isNew(runId: string): boolean;
  rootOf(runId: string): string;
  /** The name of a run that others are inside of; undefined if it is nowhere. */
  nsrefOf(runId: string): string | undefined;
}

/**
 * The statements that write what has changed. `lane` counts the commits that change a run's own row. The runs come last, so that
 * others in the lane wait no longer than they must.
 */
export async function writes(changes: Changes, known: Known, lane: number): Promise<Statement[]> {
  const statements: Statement[] = [];
  let mostRows = 0;
  const add = (sql: OverRows, rows: readonly Scalar[][], before?: readonly Value[]): void => {
    statements.push(given(sql, rows, before));
    mostRows = Math.max(mostRows, rows.length);
  };
  const put = <Row>(sql: OverRows, rows: readonly Row[], columns: (row: Row) => Scalar[]): void => {
    if (rows.length > 0) add(sql, rows.map(columns));
  };
  const putPacked = async <Row>(
    sql: OverRows,
    rows: readonly Row[],
    ioOf: (row: Row) => PayloadRow,
    columns: (row: Row) => Scalar[],
  ): Promise<void> => {
    for (const { bytes, pieces } of await pack(rows, ioOf)) {
      const places = pieces.map((piece) => [...columns(piece.row), ...piece.places]);
      add(sql, places, [bytes]);
    }
  };
  put(ADD_RESTARTS, changes.restarts, (row) => restartColumns(row, known.rootOf(row.runId)));
  await putPacked(ADD_ATTEMPTS, changes.attempts, ({ payload }) => payload, nodeColumns);
  put(PUT_NODES, changes.nodes, (row) => [...nodeColumns(row), row.version]);
  await putPacked(PUT_RUN_PAYLOADS, changes.runPayloads, io, ({ runId }) => [known.rootOf(runId), runId]);
  await putPacked(PUT_NODE_PAYLOADS, changes.nodePayloads, io, ({ runId, nodeLabel }) => [
    known.rootOf(runId),
    runId,
    nodeLabel,
  ]);
  put(PUT_EDGES, changes.edges, (row) => [
    row.rootRunId,
    row.runId,
    row.upstreamLabel,
    row.downstreamLabel,
    row.version,
    row.traversedAt,
  ]);
  // A root whose own row changes is raised along with it.
  const written = new Set(changes.runs.map(({ runId }) => runId));
  const raised = changes.trees.filter(({ rootRunId }) => !written.has(rootRunId));
  put(RAISE_TREES, raised, ({ rootRunId, version }) => [rootRunId, version]);
  return [...(mostRows === 1 ? [together(statements)] : statements), ...runWrites(changes, known, lane)];
}

function runWrites({ runs }: Changes, known: Known, lane: number): Statement[] {
  if (runs.length === 0) return [];
  const statements: Statement[] = [{ sql: COUNT_COMMIT, values: [lane] }];
  const added = runs.filter(({ runId }) => known.isNew(runId));
  if (added.length > 0) {
    const rows = added.map((row) => [...newRunColumns(row, known), row.version]);
    statements.push(given(ADD_RUNS, rows, [lane]));
  }
  const changed = runs.filter(({ runId }) => !known.isNew(runId));
  if (changed.length > 0) {
    const rows = changed.map((row) => [row.runId, row.status, row.statusAt, row.finishedAt, row.restarts, row.version]);
    statements.push(given(CHANGE_RUNS, rows, [lane]));
  }
  return statements;
}

function newRunColumns(row: RunRow, known: Known): Scalar[] {
  const parentNsref = row.parentRunId === null ? undefined : known.nsrefOf(row.parentRunId);
  return [
    row.runId,
    row.dagNsref,
    row.parentRunId,
    row.rootRunId,
    parentNsref === undefined ? null : expansionKey(parentNsref, row.dagNsref),
    row.status,
    row.statusAt,
    row.startedAt,
    row.finishedAt,
    row.initiatedBy,
    row.restarts,
  ];
}

function restartColumns(row: RestartRow, rootRunId: string): Scalar[] {
  return [rootRunId, row.runId, row.restart, row.leftStatus, row.leftStatusAt, row.restartedAt];
}

function nodeColumns(row: NodeRow): Scalar[] {
  return [
    row.rootRunId,
    row.runId,
    row.nodeLabel,
    row.attempt,
    row.restart,
    row.status,
    row.isSource,
    row.isSink,
    row.startedAt,
    row.finishedAt,
    row.error,
  ];
}

function io(row: PayloadRow): PayloadRow {
  return row;
}

/** The columns of rows, each after a prefix. */
function namesOf(columns: readonly string[], prefix = ''): string {
  return columns.map((column) => prefix + column.split(' ')[0]).join(', ');
}

/** What to write for a payload and for its size: what is put, or what is there already. */
function putOrKept(which: 'input' | 'output', put: string, given: string, kept: string): string {
  const choose = (column: string, value: string): string =>
    `CASE ${given}.${which}_bytes WHEN ${STAYS} THEN ${kept}.${column} ELSE ${value} END`;
  return `${choose(which, put)}, ${choose(`${which}_bytes`, `${given}.${which}_bytes`)}`;
}

function putPayloads(table: string, ...key: readonly string[]): OverRows {
  const names = namesOf(key);
  return overRows(
    2,
    [...key, ...PIECES],
    (k) => `
    INSERT INTO ${table} (${names}, input, input_bytes, output, output_bytes)
    SELECT ${namesOf(key, 'k.')}, ${piece('input')}, k.input_bytes, ${piece('output')}, k.output_bytes FROM ${k}
    ON CONFLICT (${names}) DO UPDATE SET
      (input, input_bytes) = ROW (${putOrKept('input', 'excluded.input', 'excluded', table)}),
      (output, output_bytes) = ROW (${putOrKept('output', 'excluded.output', 'excluded', table)})`,
  );
}
