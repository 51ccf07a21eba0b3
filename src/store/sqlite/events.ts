import type { NodeKey, Recorded, RunEvent } from '../../model.ts';
import type { Connection, Parameters } from '../embedded/connection.ts';
import { nodeKeys, textKeys } from '../embedded/keys.ts';
import type { EventLimits } from '../ledger/check.ts';
import { type Changes, Ledger, type Versioned } from '../ledger/ledger.ts';
import type { AttemptRow, EdgeRow, NodeRow, PayloadRow, RestartRow, RunRow } from '../ledger/rows.ts';

/** What became of some batches, and which trees they changed, by their roots. */
export interface Commit {
  readonly recorded: Recorded[];
  readonly rootRunIds: readonly string[];
}

/** Records batches in one transaction; each is written as a whole or refused as a whole. */
export function recordBatches(db: Connection, batches: readonly (readonly RunEvent[])[], limits: EventLimits): Commit {
  const ledger = new Ledger(limits);
  return db.write(() => {
    load(db, ledger, batches.flat());
    const recorded = batches.map((events) => ledger.record(events));
    const changes = ledger.changes();
    write(db, changes);
    return { recorded, rootRunIds: changes.rootRunIds };
  });
}

const RUNS = `
  SELECT r.run_id AS runId, r.dag_nsref AS dagNsref, r.parent_run_id AS parentRunId, r.root_run_id AS rootRunId, r.status,
    r.status_at AS statusAt, r.started_at AS startedAt, r.finished_at AS finishedAt, r.initiated_by AS initiatedBy, r.restarts,
    t.tree_version AS treeVersion
  FROM dag_runs AS r JOIN dag_runs AS t ON t.run_id = r.root_run_id
  WHERE r.run_id IN (SELECT value FROM json_each(@runIds))`;

const NODES = `
  SELECT n.run_id AS runId, n.node_label AS nodeLabel, n.root_run_id AS rootRunId, n.attempt, n.restart, n.status,
    n.is_source AS isSource, n.is_sink AS isSink, n.started_at AS startedAt, n.finished_at AS finishedAt, n.error
  FROM json_each(@keys) AS k CROSS JOIN node_executions AS n ON n.run_id = k.value ->> 0 AND n.node_label = k.value ->> 1`;

const EDGES_FROM = `
  SELECT e.run_id AS runId, e.upstream_label AS upstreamLabel, e.downstream_label AS downstreamLabel,
    e.root_run_id AS rootRunId, e.traversed_at AS traversedAt
  FROM json_each(@keys) AS k CROSS JOIN edge_traversals AS e ON e.run_id = k.value ->> 0 AND e.upstream_label = k.value ->> 1`;

const RUN_PAYLOADS = `
  SELECT run_id AS runId, '' AS nodeLabel, source_inputs_json AS inputJson, sink_outputs_json AS outputJson
  FROM run_payloads WHERE run_id IN (SELECT value FROM json_each(@runIds))`;

const NODE_PAYLOADS = `
  SELECT p.run_id AS runId, p.node_label AS nodeLabel, p.input_json AS inputJson, p.output_json AS outputJson
  FROM json_each(@keys) AS k CROSS JOIN node_payloads AS p ON p.run_id = k.value ->> 0 AND p.node_label = k.value ->> 1`;

const RESTARTS = `
  SELECT run_id AS runId, restart, left_status AS leftStatus, left_status_at AS leftStatusAt, restarted_at AS restartedAt
  FROM run_restarts WHERE run_id IN (SELECT value FROM json_each(@runIds)) ORDER BY run_id, restart`;

const ATTEMPTS = `
  SELECT a.run_id AS runId, a.node_label AS nodeLabel, '' AS rootRunId, a.attempt, a.restart, a.status, a.is_source AS isSource,
    a.is_sink AS isSink, a.started_at AS startedAt, a.finished_at AS finishedAt, a.error, a.input_json AS inputJson, a.output_json AS outputJson
  FROM json_each(@keys) AS k CROSS JOIN node_attempts AS a ON a.run_id = k.value ->> 0 AND a.node_label = k.value ->> 1
  ORDER BY a.run_id, a.node_label, a.attempt`;

type Flags = { isSource: unknown; isSink: unknown };

function load(db: Connection, ledger: Ledger, events: readonly RunEvent[]): void {
  const byRuns = <Row>(sql: string, runIds: readonly string[]): Row[] =>
    runIds.length ? db.all<Row>(sql, { runIds: textKeys(runIds) }) : [];
  const byNodes = <Row>(sql: string, keys: readonly NodeKey[]): Row[] =>
    keys.length ? db.all<Row>(sql, { keys: nodeKeys(keys) }) : [];

  const wanted = Ledger.wanted(events);
  ledger.load({
    runs: byRuns<RunRow & { treeVersion: number }>(RUNS, wanted.runIds),
    nodes: byNodes<NodeRow & Flags>(NODES, wanted.nodes).map(withBooleans),
    edges: byNodes<EdgeRow>(EDGES_FROM, wanted.edgesFrom),
  });
  const history = ledger.wantedHistory(events);
  ledger.loadHistory({
    runPayloads: byRuns<PayloadRow>(RUN_PAYLOADS, history.runPayloads),
    nodePayloads: byNodes<PayloadRow>(NODE_PAYLOADS, history.nodePayloads),
    restarts: restartsOf(db, history.restarts),
    attempts: attemptsOf(db, history.attempts),
  });
}

/** What runs left behind each time they went on, in order. */
export function restartsOf(db: Connection, runIds: readonly string[]): RestartRow[] {
  return runIds.length ? db.all<RestartRow>(RESTARTS, { runIds: textKeys(runIds) }) : [];
}

/** The attempts of nodes that later ones replaced, in order. */
export function attemptsOf(db: Connection, keys: readonly NodeKey[]): AttemptRow[] {
  const rows = keys.length ? db.all<NodeRow & Flags & PayloadRow>(ATTEMPTS, { keys: nodeKeys(keys) }) : [];
  return rows.map((row) => ({ ...withBooleans(row), payload: row }));
}

function withBooleans<Row extends Flags>(row: Row): Row & { isSource: boolean; isSink: boolean } {
  return { ...row, isSource: row.isSource === 1, isSink: row.isSink === 1 };
}

const PUT_RUN = `
  INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, root_run_id, status, status_at, started_at, finished_at, initiated_by,
    restarts, version, tree_version, commit_no)
  VALUES (@runId, @dagNsref, @parentRunId, @rootRunId, @status, @statusAt, @startedAt, @finishedAt, @initiatedBy, @restarts,
    @version, iif(@parentRunId IS NULL, @version, NULL), (SELECT commits FROM store_state WHERE only_row = 1))
  ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, status_at = excluded.status_at, finished_at = excluded.finished_at,
    restarts = excluded.restarts, version = excluded.version, commit_no = excluded.commit_no`;

const COUNT_COMMIT = 'UPDATE store_state SET commits = commits + 1 WHERE only_row = 1';

const RAISE_TREE = 'UPDATE dag_runs SET tree_version = @version WHERE run_id = @rootRunId';

const PUT_RUN_PAYLOAD = `
  INSERT INTO run_payloads (run_id, source_inputs_json, sink_outputs_json) VALUES (@runId, @inputJson, @outputJson)
  ON CONFLICT (run_id) DO UPDATE SET
    source_inputs_json = iif(@hasInput, excluded.source_inputs_json, source_inputs_json),
    sink_outputs_json = iif(@hasOutput, excluded.sink_outputs_json, sink_outputs_json)`;

const ADD_RESTART = `
  INSERT INTO run_restarts (run_id, restart, left_status, left_status_at, restarted_at)
  VALUES (@runId, @restart, @leftStatus, @leftStatusAt, @restartedAt)`;

/** An attempt that was on disk before this transaction has its payload there still. */
const ADD_ATTEMPT = `
  INSERT INTO node_attempts (run_id, node_label, attempt, restart, status, is_source, is_sink, started_at, finished_at, error, input_json, output_json)
  VALUES (@runId, @nodeLabel, @attempt, @restart, @status, @isSource, @isSink, @startedAt, @finishedAt, @error,
    iif(@hasInput, @inputJson, (SELECT input_json FROM node_payloads WHERE run_id = @runId AND node_label = @nodeLabel)),
    iif(@hasOutput, @outputJson, (SELECT output_json FROM node_payloads WHERE run_id = @runId AND node_label = @nodeLabel)))`;

const PUT_NODE = `
  INSERT INTO node_executions (run_id, node_label, root_run_id, version, attempt, restart, status, is_source, is_sink, started_at, finished_at, error)
  VALUES (@runId, @nodeLabel, @rootRunId, @version, @attempt, @restart, @status, @isSource, @isSink, @startedAt, @finishedAt, @error)
  ON CONFLICT (run_id, node_label) DO UPDATE SET version = excluded.version, attempt = excluded.attempt, restart = excluded.restart,
    status = excluded.status, is_source = excluded.is_source, is_sink = excluded.is_sink, started_at = excluded.started_at,
    finished_at = excluded.finished_at, error = excluded.error`;

const PUT_NODE_PAYLOAD = `
  INSERT INTO node_payloads (run_id, node_label, input_json, output_json) VALUES (@runId, @nodeLabel, @inputJson, @outputJson)
  ON CONFLICT (run_id, node_label) DO UPDATE SET
    input_json = iif(@hasInput, excluded.input_json, input_json), output_json = iif(@hasOutput, excluded.output_json, output_json)`;

const PUT_EDGE = `
  INSERT INTO edge_traversals (run_id, upstream_label, downstream_label, root_run_id, version, traversed_at)
  VALUES (@runId, @upstreamLabel, @downstreamLabel, @rootRunId, @version, @traversedAt)
  ON CONFLICT (run_id, upstream_label, downstream_label) DO UPDATE SET version = excluded.version, traversed_at = excluded.traversed_at`;

/** In an order in which every row finds those that it refers to, and an earlier attempt its payload. */
export function write(db: Connection, changes: Changes): void {
  if (changes.runs.length > 0) db.run(COUNT_COMMIT);
  for (const row of changes.runs) db.run(PUT_RUN, runParameters(row));
  for (const { rootRunId, version } of changes.trees) db.run(RAISE_TREE, { rootRunId, version });
  for (const row of changes.runPayloads) db.run(PUT_RUN_PAYLOAD, payloadParameters(row));
  for (const row of changes.restarts) db.run(ADD_RESTART, { ...row });
  for (const row of changes.nodes) db.run(PUT_NODE, { ...nodeParameters(row), version: row.version });
  for (const row of changes.attempts)
    db.run(ADD_ATTEMPT, { ...nodeParameters(row), ...payloadParameters(row.payload) });
  for (const row of changes.nodePayloads) db.run(PUT_NODE_PAYLOAD, payloadParameters(row));
  for (const row of changes.edges) db.run(PUT_EDGE, { ...row });
}

function runParameters(row: RunRow & Versioned): Parameters {
  return { ...row };
}

function nodeParameters({ isSource, isSink, ...row }: NodeRow | AttemptRow): Parameters {
  const { runId, nodeLabel, rootRunId, attempt, restart, status, startedAt, finishedAt, error } = row;
  const flags = { isSource: Number(isSource), isSink: Number(isSink) };
  return { runId, nodeLabel, rootRunId, attempt, restart, status, startedAt, finishedAt, error, ...flags };
}

function payloadParameters({ runId, nodeLabel, inputJson, outputJson }: PayloadRow): Parameters {
  return {
    runId,
    nodeLabel,
    inputJson: inputJson ?? null,
    outputJson: outputJson ?? null,
    hasInput: Number(inputJson !== undefined),
    hasOutput: Number(outputJson !== undefined),
  };
}
