import type { Store } from '../../../src/store/store.ts';

const ALL = 1_000_000;

/** The answers of a store to everything that can be asked of it, but for cursors: two that give the same hold the same. */
export async function everythingIn(store: Store): Promise<unknown> {
  const runs = await store.runPage({}, { limit: ALL });
  const runIds = runs.map(({ runId }) => runId);
  const nodes = await store.nodesByRuns(runIds, {}, ALL);
  return {
    runs,
    roots: await store.runPage({ parent: 'roots' }, { limit: ALL }),
    children: inOrder(await store.childrenOf(runIds, ALL)),
    childPages: await store.childPages(runIds, { limit: 3 }),
    descendants: await Promise.all(runs.map((run) => store.descendantPages([run], { limit: ALL }))),
    childCounts: inOrder(await store.childCounts(nodes)),
    nodes,
    nodesByKeys: inOrder(await store.nodesByKeys(nodes)),
    nodeCounts: inOrder(await store.nodeCounts(runIds)),
    edges: await store.edgesByRuns(runIds, ALL),
    latestUpdates: inOrder(await store.latestUpdates(runIds)),
    runPayloads: inOrder(await store.runPayloads(runIds)),
    nodePayloads: inOrder(await store.nodePayloads(nodes)),
    runPayloadSizes: inOrder(await store.runPayloadSizes(runIds)),
    nodePayloadSizes: inOrder(await store.nodePayloadSizes(nodes)),
  };
}

/** What an owned store keeps beside that: restarts, and the attempts that later ones replaced. */
export async function historyIn(store: Store): Promise<unknown> {
  const runIds = (await store.runPage({}, { limit: ALL })).map(({ runId }) => runId);
  const runs = (await store.transfer?.runHistories(runIds)) ?? [];
  const nodes = (await store.transfer?.nodeHistories(await store.nodeLabels(runIds, ALL))) ?? [];
  return {
    runs: inOrder(runs.map(({ treeVersion, ...history }) => history)),
    nodes: inOrder(
      nodes.map(({ earlier, ...history }) => ({
        ...history,
        earlier: earlier.map(({ attempt, status, startedAt, finishedAt, error, payload }) => {
          const { inputJson, outputJson } = payload;
          return { attempt, status, startedAt, finishedAt, error, inputJson, outputJson };
        }),
      })),
    ),
  };
}

/** Rows that come in no order. */
function inOrder<Row>(rows: readonly Row[]): Row[] {
  const keyOf = (row: Row): string => JSON.stringify(row, Object.keys(row ?? {}).toSorted());
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
