import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DagRun, EdgeTraversal, NodeExecution, RunEvent } from '../../src/model.ts';
import type { TreeChanges } from '../../src/store/feed.ts';
import type { Store } from '../../src/store/store.ts';
import { ReferenceModel } from './referenceModel.ts';
import { BACK_ENDS, type Subject } from './subjects.ts';

const ALL = 1_000_000;

/** What someone holds who has followed a tree. */
class HeldTree {
  readonly runs = new Map<string, DagRun>();
  readonly nodes = new Map<string, NodeExecution>();
  readonly edges = new Map<string, EdgeTraversal>();

  apply({ reset, runs, nodes, edges }: TreeChanges): void {
    if (reset) for (const rows of [this.runs, this.nodes, this.edges]) rows.clear();
    for (const run of runs) this.runs.set(run.runId, run);
    for (const node of nodes) this.nodes.set(JSON.stringify([node.runId, node.nodeLabel]), node);
    for (const edge of edges)
      this.edges.set(JSON.stringify([edge.runId, edge.upstreamLabel, edge.downstreamLabel]), edge);
  }
}

async function freshTree(store: Store, root: string): Promise<HeldTree> {
  const tree = new HeldTree();
  const top = await store.runsByIds([root]);
  const below = await store.descendantPages(top, { limit: ALL });
  const runs = [...top, ...below.map(({ ancestorId: _, ...run }) => run)];
  const runIds = runs.map(({ runId }) => runId);
  const [nodes, edges] = [await store.nodesByRuns(runIds, {}, ALL), await store.edgesByRuns(runIds, ALL)];
  tree.apply({ cursor: '', reset: true, more: false, ended: false, runs, nodes, edges, around: [] });
  return tree;
}

async function changes(store: Store, after: string | null, limit = ALL): Promise<TreeChanges> {
  const found = await store.treeChanges('root', after, limit);
  if (!found) throw new Error('there is no such tree');
  return found;
}

const told = ({ runs, nodes, edges }: TreeChanges): string[] => [
  ...runs.map(({ runId, status }) => `${runId} ${status}`),
  ...nodes.map(({ runId, nodeLabel, status }) => `${runId}.${nodeLabel} ${status}`),
  ...edges.map(({ runId, upstreamLabel, downstreamLabel }) => `${runId}.${upstreamLabel} > ${downstreamLabel}`),
];

const root: RunEvent = { type: 'runCreated', runId: 'root', dagNsref: 'd', sourceInputsJson: '{}', at: 1 };
const child: RunEvent = {
  type: 'runCreated',
  runId: 'child',
  dagNsref: 'd/a[0]',
  parentRunId: 'root',
  sourceInputsJson: '{}',
  at: 2,
};
const started = (runId: string, nodeLabel: string, at = 3): RunEvent => ({
  type: 'nodeStarted',
  runId,
  nodeLabel,
  inputJson: '1',
  at,
});

describe.each(BACK_ENDS)('The changes of a tree in an $name', ({ open }) => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await open();
  });
  afterEach(() => subject.dispose());

  test('are everything, to begin with', async () => {
    await subject.fill([root, started('root', 'a'), child, started('child', 'x')]);
    const all = await changes(subject.store, null);
    expect(all).toMatchObject({ reset: true, more: false, ended: false });
    expect(told(all).toSorted()).toEqual(['child running', 'child.x running', 'root running', 'root.a running']);
  });

  test('have the runs of their rows beside them, and the root, if those did not change', async () => {
    await subject.fill([root, started('root', 'a'), child]);
    const { cursor, around } = await changes(subject.store, null);
    expect(around).toEqual([]);
    await subject.fill([started('child', 'x')]);
    const next = await changes(subject.store, cursor);
    expect(next.around.toSorted((a, b) => a.startedAt - b.startedAt)).toEqual([
      expect.objectContaining({ runId: 'root' }),
      expect.objectContaining({ runId: 'child', parentRunId: 'root' }),
    ]);
    expect((await changes(subject.store, next.cursor)).around).toEqual([]);
  });

  test('are what came after a cursor, each row once in its newest state', async () => {
    await subject.fill([root, started('root', 'a')]);
    const { cursor } = await changes(subject.store, null);
    expect(told(await changes(subject.store, cursor))).toEqual([]);
    expect((await changes(subject.store, cursor)).cursor).toBe(cursor);

    await subject.fill([
      child,
      started('child', 'x'),
      {
        type: 'nodeCompleted',
        runId: 'child',
        nodeLabel: 'x',
        outputJson: '1',
        at: 4,
        edges: [{ upstreamLabel: 'x', downstreamLabel: 'y' }],
      },
      { type: 'nodeFailed', runId: 'root', nodeLabel: 'a', error: 'boom', at: 5 },
    ]);
    const next = await changes(subject.store, cursor);
    expect(told(next).toSorted()).toEqual(['child running', 'child.x > y', 'child.x completed', 'root.a failed']);
    expect(next).toMatchObject({ reset: false, more: false });
    expect(told(await changes(subject.store, next.cursor))).toEqual([]);
    expect(told(await changes(subject.store, cursor)).toSorted()).toEqual(told(next).toSorted());
  });

  test('tell of a status that changes without a time, and of a restart', async () => {
    await subject.fill([
      root,
      started('root', 'a'),
      { type: 'runStatusChanged', runId: 'root', status: 'paused', at: 4 },
    ]);
    const paused = await changes(subject.store, null);
    await subject.fill([{ type: 'runStatusChanged', runId: 'root', status: 'running', at: 5 }]);
    const resumed = await changes(subject.store, paused.cursor);
    expect(told(resumed)).toEqual(['root running']);
    await subject.fill([
      { type: 'nodeFailed', runId: 'root', nodeLabel: 'a', error: 'boom', at: 6 },
      { type: 'runFinished', runId: 'root', status: 'failed', at: 7 },
    ]);
    const failed = await changes(subject.store, resumed.cursor);
    expect(told(failed).toSorted()).toEqual(['root failed', 'root.a failed']);
    expect(failed.ended).toBe(true);
    await subject.fill([
      { type: 'runStatusChanged', runId: 'root', status: 'running', at: 8 },
      started('root', 'a', 9),
    ]);
    expect(told(await changes(subject.store, failed.cursor)).toSorted()).toEqual(['root running', 'root.a running']);
  });

  test('go on without a gap from the cursor that a query gave', async () => {
    await subject.fill([root, started('root', 'a'), child, started('child', 'x')]);
    const [given] = await subject.store.treeCursors(await subject.store.runsByIds(['root']));
    expect(given?.runId).toBe('root');
    const cursor = given?.cursor ?? null;
    expect(told(await changes(subject.store, cursor))).toEqual([]);
    await subject.fill([{ type: 'runFinished', runId: 'child', status: 'completed', at: 5 }, started('root', 'b')]);
    expect(told(await changes(subject.store, cursor)).toSorted()).toEqual(['child completed', 'root.b running']);
  });

  test('tell of what happened between the reading of a run and the giving of its cursor', async () => {
    await subject.fill([root, started('root', 'a')]);
    const runs = await subject.store.runsByIds(['root']);
    await subject.fill([{ type: 'runFinished', runId: 'root', status: 'completed', at: 5 }]);
    const [given] = await subject.store.treeCursors(runs);
    expect(told(await changes(subject.store, given?.cursor ?? null))).toEqual(['root completed']);
  });

  test('tell of a node that outlives its run, from the cursor that a query gave', async () => {
    const ended: RunEvent = { type: 'runFinished', runId: 'child', status: 'completed', at: 5 };
    await subject.fill([root, child, started('child', 'x'), ended]);
    const [given] = await subject.store.treeCursors(await subject.store.runsByIds(['root']));
    await subject.fill([{ type: 'nodeCompleted', runId: 'child', nodeLabel: 'x', outputJson: '1', at: 6 }]);
    expect(told(await changes(subject.store, given?.cursor ?? null))).toEqual(['child.x completed']);
  });

  test('come in parts when they are many', async () => {
    const nodes = Array.from({ length: 50 }, (_, i) => started('root', `node ${i}`));
    for (const event of [root, child, ...nodes]) await subject.fill([event]);
    const held = new HeldTree();
    let cursor: string | null = null;
    let parts = 0;
    for (let more = true; more; parts++) {
      const part: TreeChanges = await changes(subject.store, cursor, 10);
      expect(part.runs.length + part.nodes.length + part.edges.length).toBeLessThanOrEqual(10);
      expect(part.reset).toBe(parts === 0);
      held.apply(part);
      ({ cursor, more } = part);
    }
    expect(parts).toBeGreaterThan(4);
    expect(held).toEqual(await freshTree(subject.store, 'root'));
  });

  test('say that there is more only where a next part goes on', async () => {
    await subject.fill([root, started('root', 'a'), started('root', 'b')]);
    expect(await changes(subject.store, null, 3)).toMatchObject({ more: false });
    await subject.fill([started('root', 'c')]);
    const part = await changes(subject.store, null, 3);
    const next = await changes(subject.store, part.cursor, 3);
    expect([part.more, next.more, next.cursor === part.cursor]).toEqual([true, false, false]);
  });

  test('begin anew for a cursor that does not lead here', async () => {
    await subject.fill([root]);
    for (const odd of ['', 'x', '-1', '1e99', '999999', 'null', '[]', '[1,2,3]', '{"a":1}', 'NaN']) {
      expect(await changes(subject.store, odd), odd).toMatchObject({ reset: true, runs: [{ runId: 'root' }] });
    }
  });

  test('are none for a run that is no root', async () => {
    await subject.fill([root, child]);
    expect(await subject.store.treeChanges('missing', null, ALL)).toBeNull();
    expect(await subject.store.treeChanges('child', null, ALL)).toBeNull();
  });

  test('do not mix with those of other trees', async () => {
    await subject.fill([root, { ...root, runId: 'other' } as RunEvent]);
    const { cursor } = await changes(subject.store, null);
    await subject.fill([started('other', 'a'), { type: 'runFinished', runId: 'other', status: 'completed', at: 9 }]);
    expect(told(await changes(subject.store, cursor))).toEqual([]);
  });

  test('have ended when no run of the tree is active any more', async () => {
    await subject.fill([root, child, { type: 'runFinished', runId: 'root', status: 'failed', at: 3 }]);
    expect((await changes(subject.store, null)).ended).toBe(false);
    await subject.fill([{ type: 'runFinished', runId: 'child', status: 'completed', at: 4 }]);
    expect((await changes(subject.store, null)).ended).toBe(true);
  });
});

describe.each(BACK_ENDS)('The changes of all runs in an $name', ({ open }) => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await open();
  });
  afterEach(() => subject.dispose());

  test('begin with nothing but a cursor', async () => {
    await subject.fill([root]);
    expect(await subject.store.runChanges(null, ALL)).toMatchObject({ reset: true, more: false, runs: [] });
  });

  test('are the runs whose own row changed, whatever happened to them meanwhile', async () => {
    await subject.fill([
      root,
      { ...root, runId: 'old' } as RunEvent,
      { type: 'runFinished', runId: 'old', status: 'failed', at: 2 },
    ]);
    const { cursor } = await subject.store.runChanges(null, ALL);
    await subject.fill([started('root', 'a')]);
    expect((await subject.store.runChanges(cursor, ALL)).runs).toEqual([]);
    await subject.fill([
      child,
      { type: 'runFinished', runId: 'root', status: 'completed', at: 5 },
      { ...root, runId: 'short' } as RunEvent,
      { type: 'runFinished', runId: 'short', status: 'failed', at: 6 },
      { type: 'runStatusChanged', runId: 'old', status: 'running', at: 7 },
      started('old', 'again'),
    ]);
    const next = await subject.store.runChanges(cursor, ALL);
    expect(next.reset).toBe(false);
    expect(next.runs.map(({ runId, status }) => `${runId} ${status}`).toSorted()).toEqual([
      'child running',
      'old running',
      'root completed',
      'short failed',
    ]);
    expect((await subject.store.runChanges(next.cursor, ALL)).runs).toEqual([]);
  });

  test('come in parts when they are many', async () => {
    const { cursor } = await subject.store.runChanges(null, ALL);
    for (let i = 0; i < 25; i++)
      await subject.fill([{ ...root, runId: `run ${i}` } as RunEvent, started(`run ${i}`, 'a')]);
    const found = new Set<string>();
    let at = cursor;
    for (let more = true; more; ) {
      const part = await subject.store.runChanges(at, 10);
      expect(part.runs.length).toBeLessThanOrEqual(10);
      for (const { runId } of part.runs) found.add(runId);
      ({ cursor: at, more } = part);
    }
    expect(found.size).toBe(25);
  });
});

/** Random histories of one tree, with looks of some followers in between. */
const runId = fc.constantFrom('root', 'root', 'child', 'inner');
const nodeLabel = fc.constantFrom('a', 'b');
const anything: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.constant(child),
  fc.constant<RunEvent>({
    type: 'runCreated',
    runId: 'inner',
    dagNsref: 'd/a[0]/x[]',
    parentRunId: 'child',
    sourceInputsJson: '{}',
  }),
  fc.constant<RunEvent>({ type: 'runCreated', runId: 'other', dagNsref: 'e', sourceInputsJson: '{}' }),
  fc.record({
    type: fc.constant('runStatusChanged' as const),
    runId,
    status: fc.constantFrom('running' as const, 'paused' as const),
  }),
  fc.record({
    type: fc.constant('runFinished' as const),
    runId,
    status: fc.constantFrom('completed' as const, 'failed' as const, 'failed' as const),
  }),
  fc.record({ type: fc.constant('nodeStarted' as const), runId, nodeLabel, inputJson: fc.constant('1') }),
  fc.record({
    type: fc.constant('nodeStarted' as const),
    runId: fc.constant('other'),
    nodeLabel,
    inputJson: fc.constant('1'),
  }),
  fc.record({
    type: fc.constant('nodeCompleted' as const),
    runId,
    nodeLabel,
    outputJson: fc.constant('2'),
    edges: fc.constant([]),
  }),
  fc.record({ type: fc.constant('nodeFailed' as const), runId, nodeLabel, error: fc.constant('boom') }),
  fc.record({ type: fc.constant('nodeSkipped' as const), runId, nodeLabel, outputJson: fc.constant('2') }),
  fc.record({
    type: fc.constant('edgeTraversed' as const),
    runId,
    upstreamLabel: nodeLabel,
    downstreamLabel: nodeLabel,
  }),
);
const look = fc.record({ follower: fc.nat({ max: 2 }), limit: fc.constantFrom(1, 2, ALL), query: fc.boolean() });
const history = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anything },
    { weight: 2, arbitrary: look },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  ),
  { maxLength: 60, size: 'max' },
);

describe.each(BACK_ENDS)('Whoever follows a tree in an $name', ({ open, histories }) => {
  test('holds in the end exactly what a fresh read gives, whatever happened in between', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const subject = await open();
        try {
          const model = new ReferenceModel();
          let at = 1;
          await subject.fill([root]);
          model.record([root]);
          const followers = Array.from({ length: 3 }, () => ({ held: new HeldTree(), cursor: null as string | null }));
          for (const step of steps) {
            if (step === 'reopen') {
              await subject.reopen();
            } else if ('follower' in step) {
              const follower = followers[step.follower];
              if (!follower) continue;
              if (step.query) {
                // As a client does that reads the tree first and follows it from there.
                follower.held = await freshTree(subject.store, 'root');
                follower.cursor =
                  (await subject.store.treeCursors(await subject.store.runsByIds(['root'])))[0]?.cursor ?? null;
              } else {
                const part = await changes(subject.store, follower.cursor, step.limit);
                follower.held.apply(part);
                follower.cursor = part.cursor;
              }
            } else if (model.record([step])[0] === 'changed') {
              at += 1;
              await subject.fill([{ ...step, at }]);
            }
          }
          const fresh = await freshTree(subject.store, 'root');
          for (const { held, cursor: last } of followers) {
            let cursor = last;
            for (let more = true; more; ) {
              const part = await changes(subject.store, cursor);
              held.apply(part);
              ({ cursor, more } = part);
            }
            expect(held).toEqual(fresh);
          }
        } finally {
          await subject.dispose();
        }
      }),
      { numRuns: Math.ceil(histories * 0.3) },
    );
  }, 120_000);
});
