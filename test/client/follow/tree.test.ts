import { expect, test } from 'vitest';
import { News } from '../../../src/client/follow/news.ts';
import { type FollowedNode, type FollowedRun, HeldTree, type TreeChange } from '../../../src/client/follow/tree.ts';

function run(runId: string, more: Partial<FollowedRun> = {}): FollowedRun {
  return {
    runId,
    dagNsref: 'd',
    parentRunId: null,
    status: 'RUNNING',
    statusText: 'running',
    startedAt: '2026-01-01T00:00:00.000000Z',
    finishedAt: null,
    initiatedBy: null,
    ...more,
  };
}

function node(runId: string, nodeLabel: string, more: Partial<FollowedNode> = {}): TreeChange['changedNodes'][number] {
  return {
    run: { runId },
    nodeLabel,
    status: 'RUNNING',
    statusText: 'running',
    isSource: false,
    isSink: false,
    startedAt: '2026-01-01T00:00:00.000000Z',
    finishedAt: null,
    error: null,
    ...more,
  };
}

function change(changed: Partial<TreeChange>): TreeChange {
  return { cursor: '', reset: false, more: false, changedRuns: [], changedNodes: [], newEdges: [], ...changed };
}

/** A tree that took these changes one after the other, and all that is new in it. */
function treeOf(...changes: readonly Partial<TreeChange>[]): { tree: HeldTree; news: News } {
  const tree = new HeldTree('root');
  const news = new News();
  for (const one of changes) tree.apply(change(one), news);
  return { tree, news };
}

const part = (runId: string, key: string, startedAt = '2026-01-01T00:00:00.000000Z') =>
  run(runId, { parentRunId: 'root', dagNsref: `d/${key}`, startedAt });

function partsOf(tree: HeldTree, label: string): string[] {
  return tree.partsOf('root', label).map((found) => `${found.key} ${found.run.runId}`);
}

test('a sub-run finds its node when that comes after it, and a better one when that comes later still', () => {
  const { tree, news } = treeOf({ changedRuns: [run('root'), part('s', 'm[x][2]')] });
  expect(partsOf(tree, 'm')).toEqual([]);
  tree.apply(change({ changedNodes: [node('root', 'm')] }), news);
  expect(partsOf(tree, 'm')).toEqual(['m[x][2] s']);
  tree.apply(change({ changedNodes: [node('root', 'm[x]')] }), news);
  expect(partsOf(tree, 'm')).toEqual([]);
  expect(partsOf(tree, 'm[x]')).toEqual(['m[x][2] s']);
});

test('sub-runs find their node when their parent comes after them', () => {
  const { tree, news } = treeOf({ changedRuns: [part('s', 'm[2]')], changedNodes: [node('root', 'm')] });
  expect(tree.hasRun).toBe(false);
  expect(partsOf(tree, 'm')).toEqual([]);
  tree.apply(change({ changedRuns: [run('root')] }), news);
  expect(partsOf(tree, 'm')).toEqual(['m[2] s']);
});

test('parts come in order of key, each with its newest run and those before a restart', () => {
  const { tree } = treeOf({
    changedRuns: [
      run('root'),
      part('ten', 'm[10]'),
      part('old', 'm[2]', '2026-01-01T00:00:01.000000Z'),
      part('new', 'm[2]', '2026-01-01T00:00:02.000000Z'),
    ],
    changedNodes: [node('root', 'm')],
  });
  expect(partsOf(tree, 'm')).toEqual(['m[2] new', 'm[10] ten']);
  expect(tree.partsOf('root', 'm')[0]?.earlierRuns.map(({ runId }) => runId)).toEqual(['old']);
});

test('nodes come in order of start, those not started last, then label in UTF-8 order', () => {
  const labels = ['🜚', '～', 'b', 'a', ''];
  const { tree } = treeOf({
    changedNodes: [
      node('root', 'waits', { status: 'PENDING', startedAt: null }),
      ...labels.map((label) => node('root', label)),
      node('root', 'first', { startedAt: '2025-01-01T00:00:00.000000Z' }),
    ],
  });
  expect(tree.nodesOf('root').map(({ nodeLabel }) => nodeLabel)).toEqual(['first', '', 'a', 'b', '～', '🜚', 'waits']);
});

test('what changed many times is news once, in its newest state', () => {
  const { news } = treeOf(
    { changedRuns: [run('root')], changedNodes: [node('root', 'a')] },
    { changedNodes: [node('root', 'a', { status: 'COMPLETED' }), node('root', 'b')] },
    { changedNodes: [node('root', 'a', { status: 'FAILED' })] },
  );
  expect([...news.nodes].map(({ nodeLabel, status }) => `${nodeLabel} ${status}`)).toEqual(['b RUNNING', 'a FAILED']);
  expect([...news.runs]).toHaveLength(1);
});

test('a tree has ended when no run of it runs or waits', () => {
  const { tree, news } = treeOf({ changedRuns: [run('root', { status: 'FAILED' }), part('s', 'm[2]')] });
  expect(tree.ended).toBe(false);
  tree.apply(change({ changedRuns: [{ ...part('s', 'm[2]'), status: 'PAUSED' }] }), news);
  expect(tree.ended).toBe(false);
  tree.apply(change({ changedRuns: [{ ...part('s', 'm[2]'), status: 'UNKNOWN' }] }), news);
  expect(tree.ended).toBe(true);
});
