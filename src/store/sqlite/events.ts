import type { NodeKey, Recorded, RunEvent } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { NODE_KEYS, nodeKeys, textKeys } from '../embedded/keys.ts';
import type { EventLimits } from '../ledger/check.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { AttemptRow, EdgeRow, NodeRow, PayloadRow, RestartRow, RunRow } from '../ledger/rows.ts';
import { write } from './write.ts';

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
  FROM json_each(@runIds) AS k CROSS JOIN dag_runs AS r ON r.run_id = k.value CROSS JOIN dag_runs AS t ON t.run_id = r.root_run_id`;

const NODES = `
  SELECT n.run_id AS runId, n.node_label AS nodeLabel, n.root_run_id AS rootRunId, n.attempt, n.restart, n.status,
    n.is_source AS isSource, n.is_sink AS isSink, n.started_at AS startedAt, n.finished_at AS finishedAt, n.error
  FROM ${NODE_KEYS} CROSS JOIN node_executions AS n ON n.run_id = keys.key AND n.node_label = k.value`;

const EDGES_FROM = `
  SELECT e.run_id AS runId, e.upstream_label AS upstreamLabel, e.downstream_label AS downstreamLabel,
    e.root_run_id AS rootRunId, e.traversed_at AS traversedAt
  FROM ${NODE_KEYS} CROSS JOIN edge_traversals AS e ON e.run_id = keys.key AND e.upstream_label = k.value`;

const RUN_PAYLOADS = `
  SELECT run_id AS runId, '' AS nodeLabel, source_inputs_json AS inputJson, sink_outputs_json AS outputJson
  FROM json_each(@runIds) AS k CROSS JOIN run_payloads ON run_id = k.value`;

const NODE_PAYLOADS = `
  SELECT p.run_id AS runId, p.node_label AS nodeLabel, p.input_json AS inputJson, p.output_json AS outputJson
  FROM ${NODE_KEYS} CROSS JOIN node_payloads AS p ON p.run_id = keys.key AND p.node_label = k.value`;

const RESTARTS = `
  SELECT run_id AS runId, restart, left_status AS leftStatus, left_status_at AS leftStatusAt, restarted_at AS restartedAt
  FROM json_each(@runIds) AS k CROSS JOIN run_restarts ON run_id = k.value ORDER BY run_id, restart`;

const ATTEMPTS = `
  SELECT a.run_id AS runId, a.node_label AS nodeLabel, '' AS rootRunId, a.attempt, a.restart, a.status, a.is_source AS isSource,
    a.is_sink AS isSink, a.started_at AS startedAt, a.finished_at AS finishedAt, a.error, a.input_json AS inputJson, a.output_json AS outputJson
  FROM ${NODE_KEYS} CROSS JOIN node_attempts AS a ON a.run_id = keys.key AND a.node_label = k.value
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
