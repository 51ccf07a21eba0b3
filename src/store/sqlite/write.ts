import type { Connection } from '../embedded/connection.ts';
import type { Changes, Versioned } from '../ledger/ledger.ts';
import type { AttemptRow, EdgeRow, NodeRow, PayloadRow, RestartRow, RunRow } from '../ledger/rows.ts';
import { putRows } from './putRows.ts';

/** Writes what a ledger has decided, in an order in which every row finds those that it refers to, and an earlier attempt its payload. */
export function write(db: Connection, changes: Changes): void {
  if (changes.runs.length > 0) {
    const commitNo = db.get<{ commitNo: number }>(COUNT_COMMIT)?.commitNo ?? 0;
    putRuns(
      db,
      changes.runs.map((row) => ({ ...row, commitNo })),
    );
  }
  if (changes.trees.length > 0) db.run(RAISE_TREES, { trees: versionsByRoot(changes.trees) });
  const ofRuns = Object.groupBy(changes.runPayloads, known);
  putRunPayloads(db, [...(ofRuns.input ?? []), ...(ofRuns.both ?? [])]);
  putRunOutputs(db, ofRuns.output ?? []);
  addRestarts(db, changes.restarts);
  const { begun = [], other = [] } = Object.groupBy(byRun(changes.nodes), (row) => (isBegun(row) ? 'begun' : 'other'));
  putBegunNodes(db, begun);
  putNodes(db, other);
  for (const row of changes.attempts) addAttempt(db, row);
  const ofNodes = Object.groupBy(byRun(changes.nodePayloads), known);
  putNodeInputs(db, ofNodes.input ?? []);
  putNodePayloads(db, ofNodes.both ?? []);
  putNodeOutputs(db, ofNodes.output ?? []);
  putEdges(db, byRun(changes.edges));
}

const COUNT_COMMIT = 'UPDATE store_state SET commits = commits + 1 WHERE only_row = 1 RETURNING commits AS commitNo';

const RAISE_TREES = 'UPDATE dag_runs SET tree_version = k.value FROM json_each(@trees) AS k WHERE run_id = k.key';

function versionsByRoot(trees: Changes['trees']): string {
  return JSON.stringify(Object.fromEntries(trees.map(({ rootRunId, version }) => [rootRunId, version])));
}

const putRuns = putRows<RunRow & Versioned & { readonly commitNo: number }>(
  (rows) => `
    INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, root_run_id, status, status_at, started_at, finished_at, initiated_by,
      restarts, version, tree_version, commit_no)
    VALUES ${rows}
    ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, status_at = excluded.status_at, finished_at = excluded.finished_at,
      restarts = excluded.restarts, version = excluded.version, commit_no = excluded.commit_no`,
  (row) => [
    row.runId,
    row.dagNsref,
    row.parentRunId,
    row.rootRunId,
    row.status,
    row.statusAt,
    row.startedAt,
    row.finishedAt,
    row.initiatedBy,
    row.restarts,
    row.version,
    row.parentRunId === null ? row.version : null,
    row.commitNo,
  ],
);

const putRunPayloads = putRows<PayloadRow>(
  (rows) => `
    INSERT INTO run_payloads (run_id, source_inputs_json, sink_outputs_json) VALUES ${rows}
    ON CONFLICT (run_id) DO UPDATE SET source_inputs_json = excluded.source_inputs_json, sink_outputs_json = excluded.sink_outputs_json`,
  ({ runId, inputJson, outputJson }) => [runId, inputJson ?? null, outputJson ?? null],
);

const putRunOutputs = putRows<PayloadRow>(
  (rows) => `
    INSERT INTO run_payloads (run_id, sink_outputs_json) VALUES ${rows}
    ON CONFLICT (run_id) DO UPDATE SET sink_outputs_json = excluded.sink_outputs_json`,
  ({ runId, outputJson }) => [runId, outputJson ?? null],
);

const addRestarts = putRows<RestartRow>(
  (rows) => `INSERT INTO run_restarts (run_id, restart, left_status, left_status_at, restarted_at) VALUES ${rows}`,
  (row) => [row.runId, row.restart, row.leftStatus, row.leftStatusAt, row.restartedAt],
);

const PUT_NODES = (rows: string): string => `
    INSERT INTO node_executions (run_id, node_label, root_run_id, version, attempt, restart, status, is_source, is_sink, started_at, finished_at, error)
    VALUES ${rows}
    ON CONFLICT (run_id, node_label) DO UPDATE SET version = excluded.version, attempt = excluded.attempt, restart = excluded.restart,
      status = excluded.status, is_source = excluded.is_source, is_sink = excluded.is_sink, started_at = excluded.started_at,
      finished_at = excluded.finished_at, error = excluded.error`;

const putNodes = putRows<NodeRow & Versioned>(PUT_NODES, (row) => [
  row.runId,
  row.nodeLabel,
  row.rootRunId,
  row.version,
  row.attempt,
  row.restart,
  row.status,
  Number(row.isSource),
  Number(row.isSink),
  row.startedAt,
  row.finishedAt,
  row.error,
]);

const putBegunNodes = putRows<NodeRow & Versioned>(
  PUT_NODES,
  (row) => [
    row.runId,
    row.nodeLabel,
    row.rootRunId,
    row.version,
    row.attempt,
    row.restart,
    Number(row.isSource),
    Number(row.isSink),
    row.startedAt,
  ],
  "(?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, NULL, NULL)",
);

/** As every node is first. */
function isBegun({ status, finishedAt, error }: NodeRow): boolean {
  return status === 'running' && finishedAt === null && error === null;
}

/** An attempt that was on disk before this transaction has its payload there still. */
const ADD_ATTEMPT = `
  INSERT INTO node_attempts (run_id, node_label, attempt, restart, status, is_source, is_sink, started_at, finished_at, error, input_json, output_json)
  VALUES (@runId, @nodeLabel, @attempt, @restart, @status, @isSource, @isSink, @startedAt, @finishedAt, @error,
    iif(@hasInput, @inputJson, (SELECT input_json FROM node_payloads WHERE run_id = @runId AND node_label = @nodeLabel)),
    iif(@hasOutput, @outputJson, (SELECT output_json FROM node_payloads WHERE run_id = @runId AND node_label = @nodeLabel)))`;

function addAttempt(db: Connection, { rootRunId: _, payload: { inputJson, outputJson }, ...row }: AttemptRow): void {
  db.run(ADD_ATTEMPT, {
    ...row,
    isSource: Number(row.isSource),
    isSink: Number(row.isSink),
    inputJson: inputJson ?? null,
    outputJson: outputJson ?? null,
    hasInput: Number(inputJson !== undefined),
    hasOutput: Number(outputJson !== undefined),
  });
}

const PUT_NODE_PAYLOADS = (rows: string): string => `
    INSERT INTO node_payloads (run_id, node_label, input_json, output_json) VALUES ${rows}
    ON CONFLICT (run_id, node_label) DO UPDATE SET input_json = excluded.input_json, output_json = excluded.output_json`;

const putNodePayloads = putRows<PayloadRow>(PUT_NODE_PAYLOADS, ({ runId, nodeLabel, inputJson, outputJson }) => [
  runId,
  nodeLabel,
  inputJson ?? null,
  outputJson ?? null,
]);

const putNodeInputs = putRows<PayloadRow>(
  PUT_NODE_PAYLOADS,
  ({ runId, nodeLabel, inputJson }) => [runId, nodeLabel, inputJson ?? null],
  '(?, ?, ?, NULL)',
);

const putNodeOutputs = putRows<PayloadRow>(
  (rows) => `
    INSERT INTO node_payloads (run_id, node_label, output_json) VALUES ${rows}
    ON CONFLICT (run_id, node_label) DO UPDATE SET output_json = excluded.output_json`,
  ({ runId, nodeLabel, outputJson }) => [runId, nodeLabel, outputJson ?? null],
);

const putEdges = putRows<EdgeRow & Versioned>(
  (rows) => `
    INSERT INTO edge_traversals (run_id, upstream_label, downstream_label, root_run_id, version, traversed_at) VALUES ${rows}
    ON CONFLICT (run_id, upstream_label, downstream_label) DO UPDATE SET version = excluded.version, traversed_at = excluded.traversed_at`,
  (row) => [row.runId, row.upstreamLabel, row.downstreamLabel, row.rootRunId, row.version, row.traversedAt],
);

/** The input is the store's where it is not known here: whoever ends a run or a node says its output, and only that. */
function known({ inputJson, outputJson }: PayloadRow): 'input' | 'output' | 'both' {
  if (inputJson === undefined) return 'output';
  return outputJson == null ? 'input' : 'both';
}

/** Rows of one run lie side by side: a statement with them touches few pages. */
function byRun<Row extends { readonly runId: string }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => (a.runId < b.runId ? -1 : Number(a.runId > b.runId)));
}
