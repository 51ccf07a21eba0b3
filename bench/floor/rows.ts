/** Rows as they are shown. */
import { formatTime } from '../../src/time.ts';

export interface RunRow {
  readonly run_id: string;
  readonly dag_nsref: string;
  readonly parent_run_id: string | null;
  readonly status: string;
  readonly started_at: number;
  readonly finished_at: number | null;
}

export const RUN_COLUMNS = 'run_id, dag_nsref, parent_run_id, status, started_at, finished_at';

export interface NodeRow {
  readonly run_id: string;
  readonly node_label: string;
  readonly status: string;
  readonly started_at: number | null;
  readonly finished_at: number | null;
}

export interface PayloadRow {
  readonly run_id: string;
  readonly node_label: string;
  readonly input_json: string | null;
  readonly output_json: string | null;
}

export interface EdgeRow {
  readonly run_id: string;
  readonly upstream_label: string;
  readonly downstream_label: string;
  readonly traversed_at: number;
}

export function shownRun(run: RunRow) {
  return {
    runId: run.run_id,
    dagNsref: run.dag_nsref,
    status: run.status.toUpperCase(),
    startedAt: formatTime(run.started_at),
    finishedAt: shownTime(run.finished_at),
  };
}

export function shownNode(node: NodeRow) {
  return {
    nodeLabel: node.node_label,
    status: node.status.toUpperCase(),
    startedAt: shownTime(node.started_at),
    finishedAt: shownTime(node.finished_at),
  };
}

export function shownPayload(payload: PayloadRow | undefined) {
  return { inputJson: payload?.input_json ?? null, outputJson: payload?.output_json ?? null };
}

export function shownEdge(edge: EdgeRow) {
  return {
    upstreamLabel: edge.upstream_label,
    downstreamLabel: edge.downstream_label,
    traversedAt: formatTime(edge.traversed_at),
  };
}

function shownTime(seconds: number | null): string | null {
  return seconds === null ? null : formatTime(seconds);
}
