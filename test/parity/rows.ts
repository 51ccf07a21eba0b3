/** Answers that follow from a file's rows by the rules in the fixtures' README, for where lythonic itself cannot be asked. */
import { byBytes, type Row, type RunAnswers, type Told } from './told.ts';

export function nodesOf(told: Told, runId: string): Row[] {
  const nodes = (told.rows.node_executions ?? []).filter((node) => node.run_id === runId);
  return nodes.toSorted((a, b) => byBytes(String(a.node_label), String(b.node_label)));
}

export function edgesOf(told: Told, runId: string): Row[] {
  const edges = (told.rows.edge_traversals ?? []).filter((edge) => edge.run_id === runId);
  return edges.toSorted((a, b) => compare(a.traversed_at, b.traversed_at)).map(({ rowid, ...edge }) => edge);
}

export function runOf(told: Told, runId: unknown): Row | null {
  return told.rows.dag_runs?.find((run) => run.run_id === runId) ?? null;
}

/** As `get_run` and the others would answer, with the columns that the file has. */
export function answersFromRows(told: Told, runId: string): RunAnswers {
  const nodes = nodesOf(told, runId);
  const { rowid, ...run } = runOf(told, runId) ?? {};
  return {
    get_run: runOf(told, runId) && run,
    get_node_executions: nodes.map(({ rowid, ...node }) => ({
      ...node,
      ...('is_source' in node && { is_source: node.is_source === 1, is_sink: node.is_sink === 1 }),
    })),
    get_edge_traversals: edgesOf(told, runId),
    inspect_run: inspect(told, runId),
    get_child_runs: childRuns(told, runId),
  };
}

/** A run with all that is in it. A sub-DAG belongs to the node with the longest label that its key begins with. */
export function inspect(told: Told, runId: string): Row | null {
  const run = runOf(told, runId);
  if (!run) return null;
  const nodes = nodesOf(told, runId);
  const labels = nodes.map((node) => String(node.node_label)).toSorted((a, b) => b.length - a.length);
  const parts = new Map<string | undefined, Map<string, Row | null>>();
  for (const child of told.rows.dag_runs ?? []) {
    const prefix = `${run.dag_nsref}/`;
    const nsref = String(child.dag_nsref);
    if (child.parent_run_id !== runId || !nsref.startsWith(prefix)) continue;
    const key = nsref.slice(prefix.length);
    const owner = labels.find((label) => key.startsWith(`${label}[`) || key.startsWith(`${label}/`));
    const ofOwner = parts.get(owner) ?? new Map();
    // A later row under the same key hides an earlier one.
    parts.set(owner, ofOwner.set(key, inspect(told, String(child.run_id))));
  }
  return {
    run_id: run.run_id,
    dag_nsref: run.dag_nsref,
    parent_run_id: run.parent_run_id ?? null,
    status: run.status,
    started_at: run.started_at,
    finished_at: run.finished_at,
    nodes: nodes.map((node) => [
      node.node_label,
      {
        node_label: node.node_label,
        status: node.status,
        is_source: node.is_source === 1 || node.node_type === 'source',
        is_sink: node.is_sink === 1 || node.node_type === 'sink',
        started_at: node.started_at,
        finished_at: node.finished_at,
        error: node.error,
        edges: edgesOf(told, runId)
          .filter((edge) => edge.upstream_label === node.node_label)
          .map(({ downstream_label, traversed_at }) => ({ downstream_label, traversed_at })),
        sub_dags: parts.has(String(node.node_label)) ? [...(parts.get(String(node.node_label)) ?? [])] : null,
        io: null,
      },
    ]),
    io: null,
    ...(told.lythonic === '0.0.28' && { initiated_by: run.initiated_by ?? null }),
  };
}

/** All sub-runs at every depth, oldest first. */
function childRuns(told: Told, runId: string): unknown[] {
  const below = (parent: unknown): Row[] =>
    (told.rows.dag_runs ?? [])
      .filter((run) => run.parent_run_id === parent)
      .flatMap((child) => [child, ...below(child.run_id)]);
  return below(runId)
    .toSorted((a, b) => compare(a.started_at, b.started_at))
    .map((run) => run.run_id);
}

/** Newest first. Empty text is any status. */
export function recentRuns(told: Told, { limit = 20, status = '' }: { limit?: number; status?: string }): unknown[] {
  return (told.rows.dag_runs ?? [])
    .filter((run) => status === '' || run.status === status)
    .toSorted((a, b) => compare(b.started_at, a.started_at))
    .slice(0, limit)
    .map((run) => run.run_id);
}

function compare(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
