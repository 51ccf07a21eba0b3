/** What there is of runs and nodes in a store, but for the texts of their payloads: enough to tell whether two stores hold the same. */
import type { DagRun, EdgeTraversal, NodeExecution } from '../../model.ts';
import {
  type AttemptRow,
  type EdgeRow,
  edgeKey,
  type NodeRow,
  nodeKey,
  type RestartRow,
  type RunRow,
} from '../ledger/rows.ts';
import type { IoSizes, Store } from '../store.ts';

export interface RunImage extends IoSizes {
  readonly row: RunRow;
  readonly restarts: readonly RestartRow[];
  readonly treeVersion: number;
}

export interface NodeImage extends IoSizes {
  readonly row: NodeRow;
  readonly earlier: readonly AttemptRow[];
}

const NO_SIZES: IoSizes = { inputBytes: null, outputBytes: null };

export async function imagesOfRuns(store: Store, runs: readonly DagRun[]): Promise<Map<string, RunImage>> {
  const runIds = runs.map(({ runId }) => runId);
  const sizes = byRun(await store.runPayloadSizes(runIds));
  const histories = byRun((await store.transfer?.runHistories(runIds)) ?? []);
  return new Map(
    runs.map((run) => {
      const history = histories.get(run.runId);
      const { inputBytes, outputBytes } = sizes.get(run.runId) ?? NO_SIZES;
      const restarts = history?.restarts ?? [];
      // Where it is not kept when a run got its status, its last time comes nearest.
      const statusAt = history?.statusAt ?? run.finishedAt ?? run.startedAt;
      const row = { ...run, statusAt, restarts: restarts.length };
      return [run.runId, { row, restarts, treeVersion: history?.treeVersion ?? 0, inputBytes, outputBytes }];
    }),
  );
}

/** By the nodes' keys as texts. `rootOf` gives the root of a run. */
export async function imagesOfNodes(
  store: Store,
  nodes: readonly NodeExecution[],
  rootOf: (runId: string) => string,
): Promise<Map<string, NodeImage>> {
  const sizes = new Map((await store.nodePayloadSizes(nodes)).map((row) => [nodeKey(row), row]));
  const histories = new Map(((await store.transfer?.nodeHistories(nodes)) ?? []).map((row) => [nodeKey(row), row]));
  return new Map(
    nodes.map((node) => {
      const key = nodeKey(node);
      const { attempt = 1, restart = 0, earlier = [] } = histories.get(key) ?? {};
      const { inputBytes, outputBytes } = sizes.get(key) ?? NO_SIZES;
      const row = { ...node, rootRunId: rootOf(node.runId), attempt, restart };
      return [key, { row, earlier, inputBytes, outputBytes }];
    }),
  );
}

/** The first traversal of each edge, by its key as a text. */
export function edgesByKey(edges: readonly EdgeTraversal[], rootOf: (runId: string) => string): Map<string, EdgeRow> {
  const byKey = new Map<string, EdgeRow>();
  for (const edge of edges) {
    const key = edgeKey(edge);
    if (!byKey.has(key)) byKey.set(key, { ...edge, rootRunId: rootOf(edge.runId) });
  }
  return byKey;
}

/** What a run is from its beginning on: runs that differ in it are not the same one. */
export function isSameRun(a: RunRow, b: RunRow): boolean {
  return alike(a, b, ['dagNsref', 'parentRunId', 'rootRunId', 'initiatedBy', 'startedAt']);
}

export function isSameState(a: RunRow, b: RunRow): boolean {
  return alike(a, b, ['status', 'statusAt', 'finishedAt', 'restarts']);
}

export function isSameNode(a: NodeRow, b: NodeRow): boolean {
  return (
    alike(a, b, ['status', 'attempt', 'restart', 'isSource', 'isSink']) &&
    alike(a, b, ['startedAt', 'finishedAt', 'error'])
  );
}

export function areSameSizes(a: IoSizes, b: IoSizes): boolean {
  return alike(a, b, ['inputBytes', 'outputBytes']);
}

function alike<Row>(a: Row, b: Row, names: readonly (keyof Row)[]): boolean {
  return names.every((name) => a[name] === b[name]);
}

function byRun<Row extends { readonly runId: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.runId, row]));
}
