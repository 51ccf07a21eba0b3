import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model.ts';
import { completed, created, started, traversed } from '../support/events.ts';
import { openApi, T } from './harness.ts';

/** A run whose node `map` has so many sub-runs, each of which has two nodes, the second with a sub-run of its own. */
function fanOut(root: string, width: number): RunEvent[] {
  return [
    created(root, { dagNsref: root, at: T }),
    started(root, 'map', { inputJson: '[]' }),
    started(root, 'plain'),
    completed(root, 'plain', { outputJson: '1', edges: [{ upstreamLabel: 'plain', downstreamLabel: 'map' }] }),
    ...Array.from({ length: width }, (_, index) => {
      const child = `${root}-${index}`;
      return [
        created(child, { dagNsref: `${root}/map[${index}]`, parentRunId: root, at: T + 1 }),
        started(child, 'first', { inputJson: '{}' }),
        completed(child, 'first', { outputJson: '{}' }),
        started(child, 'call'),
        traversed(child, 'first', 'call'),
        created(`${child}-inner`, { dagNsref: `${root}/map[${index}]/call[]`, parentRunId: child, at: T + 2 }),
        started(`${child}-inner`, 'leaf'),
      ];
    }).flat(),
  ];
}

const EVERYTHING = `
  fragment Run on DagRun {
    runId latestUpdate expansionKey parent { runId } parentNode { nodeLabel } root { runId }
    io { input outputBytes }
    edges { upstreamLabel upstream { status } downstream { status } run { runId } }
    nodeCounts { total }
    pendingNodes { nodeLabel }
    node(label: "first") { status }
    failed: nodes(statuses: [FAILED]) { nodeLabel }
    childRuns(first: 3) { nodes { runId } }
    descendants(first: 3) { nodes { runId } }
  }
  fragment Node on NodeExecution {
    nodeLabel run { runId } edges { downstreamLabel } subDagCounts { total } io { inputJson outputBytes }
  }`;

const NESTED = `
  nodes { ...Node subDags { run {
    ...Run nodes { ...Node subDags { run {
      ...Run nodes { ...Node subDags { key } }
    } earlierRuns { ...Run } } }
  } } }`;

describe('the reads of a nested query', () => {
  it('are as many for 100 sub-runs as for 2', async () => {
    await using small = await openApi(fanOut('root', 2));
    await using large = await openApi(fanOut('root', 100));
    const query = `{ dagRun(runId: "root") { ...Run ${NESTED} } } ${EVERYTHING}`;
    const [few, many] = [await small.ask(query), await large.ask(query)];
    expect(many.codes).toEqual([]);
    expect(JSON.stringify(many.data).length).toBeGreaterThan(25 * JSON.stringify(few.data).length);
    expect(many.calls).toEqual(few.calls);
  });

  it('are of some runs at a time where there are many, and then of as many as have some thousand rows', async () => {
    const nodes = 50;
    const wide = Array.from({ length: 300 }, (_, run) => [
      created(`run ${run}`, { at: T + run }),
      ...Array.from({ length: nodes }, (_, node) => started(`run ${run}`, `node ${String(node).padStart(2, '0')}`)),
    ]);
    await using api = await openApi(wide.flat());
    const { calls, data } = await api.ask(
      '{ dagRuns(first: 300) { nodes { runId nodes { run { runId } nodeLabel } } } }',
    );
    expect(calls).toEqual(['runPage', 'nodesByRuns', 'nodesByRuns', 'nodesByRuns']);
    const { nodes: runs } = (data as { dagRuns: { nodes: { runId: string; nodes: { run: { runId: string } }[] }[] } })
      .dagRuns;
    expect(runs).toHaveLength(300);
    for (const run of runs) expect(run.nodes.filter((node) => node.run.runId === run.runId)).toHaveLength(nodes);
  });

  it('are as many for a page of 40 roots as for one', async () => {
    await using small = await openApi(fanOut('root', 3));
    await using large = await openApi(Array.from({ length: 40 }, (_, index) => fanOut(`root${index}`, 3)).flat());
    const query = `{ dagRuns { nodes { ...Run ${NESTED} } } } ${EVERYTHING}`;
    const [few, many] = [await small.ask(query), await large.ask(query)];
    expect(many.codes).toEqual([]);
    expect(many.calls).toEqual(few.calls);
  });

  it('are one for each kind of row on each level', async () => {
    await using api = await openApi(fanOut('root', 5));
    const { calls } = await api.ask(`{
      dagRun(runId: "root") { nodes { subDags { run { nodes { subDags { run { nodes { nodeLabel } } } } } } } }
    }`);
    expect(calls).toEqual(['runsByIds', 'nodesByRuns', 'childrenOf', 'nodesByRuns', 'childrenOf', 'nodesByRuns']);
  });

  it('need the labels of nodes only where not all nodes are loaded', async () => {
    await using api = await openApi(fanOut('root', 5));
    const { calls } = await api.ask('{ dagRun(runId: "root") { node(label: "map") { subDags { key } } } }');
    expect(calls).toEqual(['runsByIds', 'nodesByKeys', 'childrenOf', 'nodeLabels']);
  });

  it('need no labels where no node has sub-runs', async () => {
    await using api = await openApi(fanOut('root', 0));
    const { calls } = await api.ask('{ dagRun(runId: "root") { node(label: "map") { subDags { key } } } }');
    expect(calls).toEqual(['runsByIds', 'nodesByKeys', 'childrenOf']);
  });

  it('are one for the same question under many names', async () => {
    await using api = await openApi(fanOut('root', 2));
    const { calls } = await api.ask(`{
      a: dagRun(runId: "root") { x: nodes { nodeLabel } y: nodes { status } }
      b: dagRun(runId: "root") { z: nodes(labels: null) { nodeLabel } }
    }`);
    expect(calls).toEqual(['runsByIds', 'nodesByRuns']);
  });

  it('do not read again the runs that a list or a parent has given', async () => {
    await using api = await openApi(fanOut('root', 2));
    const { calls } = await api.ask(
      '{ dagRuns { nodes { childRuns { nodes { parent { runId } root { runId } expansionKey } } } } }',
    );
    expect(calls).toEqual(['runPage', 'childPages']);
  });
});
