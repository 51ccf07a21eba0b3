import type { NodeKey, RunEvent } from '../../model.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { AttemptRow, EdgeRow, NodeRow, RestartRow, RunRow } from '../ledger/rows.ts';
import { nodeKeys } from './keys.ts';
import { type KeptIo, texts } from './payloads.ts';
import type { Session, Statement } from './session.ts';

/**
 * Locks trees by their roots, in order of id, so that two writers never wait for each other crosswise, and gives the runs as they are
 * once the locks are given: each is locked after its root, or what was there before the wait would be given.
 */
const LOCKED_RUNS = `
  SELECT r.run_id AS "runId", r.dag_nsref AS "dagNsref", r.parent_run_id AS "parentRunId", r.root_run_id AS "rootRunId", r.status,
    r.status_at AS "statusAt", r.started_at AS "startedAt", r.finished_at AS "finishedAt", r.initiated_by AS "initiatedBy", r.restarts,
    t.tree_version AS "treeVersion"
  FROM dag_runs AS t JOIN dag_runs AS r ON t.run_id = r.root_run_id WHERE r.run_id = ANY($1::text[])
  ORDER BY t.run_id, r.run_id FOR UPDATE`;

const KEYS = 'unnest($1::text[], $2::text[]) AS k (run_id, node_label)';

const NODES = `
  SELECT n.run_id AS "runId", n.node_label AS "nodeLabel", n.root_run_id AS "rootRunId", n.attempt, n.restart, n.status,
    n.is_source AS "isSource", n.is_sink AS "isSink", n.started_at AS "startedAt", n.finished_at AS "finishedAt", n.error
  FROM ${KEYS} JOIN node_executions AS n ON n.run_id = k.run_id AND n.node_label = k.node_label`;

const EDGES_FROM = `
  SELECT e.run_id AS "runId", e.upstream_label AS "upstreamLabel", e.downstream_label AS "downstreamLabel",
    e.root_run_id AS "rootRunId", e.traversed_at AS "traversedAt"
  FROM ${KEYS} JOIN edge_traversals AS e ON e.run_id = k.run_id AND e.upstream_label = k.node_label`;

/**
 * Begins a transaction, locks the trees that some events touch, and loads what they touch, as it is once the locks are given.
 * Gives the ids of the runs that are there.
 */
export async function lockAndLoad(
  session: Session,
  ledger: Ledger,
  events: readonly RunEvent[],
): Promise<ReadonlySet<string>> {
  const wanted = Ledger.wanted(events);
  const ofKeys = (sql: string, keys: readonly NodeKey[]): Statement[] =>
    keys.length > 0 ? [{ sql, values: nodeKeys(keys) }] : [];
  const [, found, nodes, edges] = await session.batch([
    { sql: 'BEGIN ISOLATION LEVEL READ COMMITTED' },
    { sql: LOCKED_RUNS, values: [wanted.runIds] },
    ...ofKeys(NODES, wanted.nodes),
    // Whoever has edges has nodes.
    ...ofKeys(EDGES_FROM, wanted.edgesFrom),
  ]);
  const runs = (found?.rows ?? []) as (RunRow & { treeVersion: number })[];
  ledger.load({
    runs,
    nodes: (nodes?.rows ?? []) as NodeRow[],
    edges: (edges?.rows ?? []) as EdgeRow[],
  });
  await loadHistory(session, ledger, events);
  return new Set(runs.map(({ runId }) => runId));
}

const IO = 'input, input_bytes AS "inputBytes", output, output_bytes AS "outputBytes"';

const RUN_PAYLOADS = `SELECT run_id AS "runId", '' AS "nodeLabel", ${IO} FROM run_payloads WHERE run_id = ANY($1::text[])`;

const NODE_PAYLOADS = `
  SELECT p.run_id AS "runId", p.node_label AS "nodeLabel", ${IO}
  FROM ${KEYS} JOIN node_payloads AS p ON p.run_id = k.run_id AND p.node_label = k.node_label`;

const RESTARTS = `
  SELECT run_id AS "runId", restart, left_status AS "leftStatus", left_status_at AS "leftStatusAt", restarted_at AS "restartedAt"
  FROM run_restarts WHERE run_id = ANY($1::text[]) ORDER BY run_id, restart`;

const ATTEMPTS = `
  SELECT a.run_id AS "runId", a.node_label AS "nodeLabel", a.root_run_id AS "rootRunId", a.attempt, a.restart, a.status,
    a.is_source AS "isSource", a.is_sink AS "isSink", a.started_at AS "startedAt", a.finished_at AS "finishedAt", a.error, ${IO}
  FROM ${KEYS} JOIN node_attempts AS a ON a.run_id = k.run_id AND a.node_label = k.node_label
  ORDER BY a.run_id, a.node_label, a.attempt`;

/** What has to be compared with events that may be repeats: nothing as a rule. */
async function loadHistory(session: Session, ledger: Ledger, events: readonly RunEvent[]): Promise<void> {
  const { runPayloads, nodePayloads, restarts, attempts } = ledger.wantedHistory(events);
  if (runPayloads.length + nodePayloads.length + restarts.length + attempts.length === 0) return;
  const [ofRuns, ofNodes, left, earlier] = await Promise.all([
    runPayloads.length > 0 ? session.all<NodeKey & KeptIo>(RUN_PAYLOADS, [runPayloads]) : [],
    nodePayloads.length > 0 ? session.all<NodeKey & KeptIo>(NODE_PAYLOADS, nodeKeys(nodePayloads)) : [],
    restartsOf(session, restarts),
    attemptsOf(session, attempts),
  ]);
  ledger.loadHistory({
    runPayloads: await texts(ofRuns),
    nodePayloads: await texts(ofNodes),
    restarts: left,
    attempts: earlier,
  });
}

/** What runs left behind each time they went on, in order. */
export async function restartsOf(session: Session, runIds: readonly string[]): Promise<RestartRow[]> {
  return runIds.length > 0 ? session.all<RestartRow>(RESTARTS, [runIds]) : [];
}

/** The attempts of nodes that later ones replaced, in order. */
export async function attemptsOf(session: Session, keys: readonly NodeKey[]): Promise<AttemptRow[]> {
  if (keys.length === 0) return [];
  const rows = await texts(await session.all<NodeRow & KeptIo>(ATTEMPTS, nodeKeys(keys)));
  return rows.map((row) => ({ ...row, payload: row }));
}
