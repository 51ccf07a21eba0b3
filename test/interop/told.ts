/** Trees of runs in one shape: that in which lythonic tells of a run. */
import type { FollowedRun, FollowedTree } from '../../src/client/follow/tree.ts';
import { shownTime } from '../parity/told.ts';

/** A run with its nodes by label, and what ran inside them by expansion key. */
export interface ToldRun {
  readonly run_id: string;
  readonly status: string;
  readonly nodes: Readonly<Record<string, { readonly sub_dags: Readonly<Record<string, ToldRun>> | null }>>;
}

/** Runs by their ids, from what lythonic printed: without payloads, which are not told live, and with times as they are shown here. */
export function readTold(json: string): Record<string, ToldRun> {
  return JSON.parse(json, (name, value) => {
    if (name === 'io') return undefined;
    return name.endsWith('_at') ? shownTime(value) : value;
  });
}

/** A run of a tree that was followed, and everything inside it. */
export function followed(tree: FollowedTree, run: FollowedRun = tree.run): ToldRun {
  const { runId } = run;
  const edges = Map.groupBy(tree.edgesOf(runId), ({ upstreamLabel }) => upstreamLabel);
  const nodes = tree.nodesOf(runId).map(({ nodeLabel, ...node }) => {
    const parts = tree.partsOf(runId, nodeLabel).map(({ key, run: subRun }) => [key, followed(tree, subRun)] as const);
    const told = {
      node_label: nodeLabel,
      status: node.status.toLowerCase(),
      is_source: node.isSource,
      is_sink: node.isSink,
      started_at: node.startedAt,
      finished_at: node.finishedAt,
      error: node.error,
      edges: (edges.get(nodeLabel) ?? []).map(({ downstreamLabel, traversedAt }) => ({
        downstream_label: downstreamLabel,
        traversed_at: traversedAt,
      })),
      sub_dags: parts.length > 0 ? Object.fromEntries(parts) : null,
    };
    return [nodeLabel, told] as const;
  });
  const told = {
    run_id: runId,
    dag_nsref: run.dagNsref,
    parent_run_id: run.parentRunId,
    status: run.status.toLowerCase(),
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    initiated_by: run.initiatedBy,
    nodes: Object.fromEntries(nodes),
  };
  return told;
}

/** A run and all runs inside it. */
export function runsIn(run: ToldRun): ToldRun[] {
  const subRuns = Object.values(run.nodes).flatMap(({ sub_dags }) => Object.values(sub_dags ?? {}));
  return [run, ...subRuns.flatMap(runsIn)];
}
