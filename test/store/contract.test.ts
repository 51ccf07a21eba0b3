import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DagRun, RunEvent } from '../../src/model.ts';
import type { Place, Store } from '../../src/store/store.ts';
import { BACK_ENDS, type Subject } from './subjects.ts';

const create = (runId: string, at: number, more: Partial<RunEvent & { type: 'runCreated' }> = {}): RunEvent => ({
  type: 'runCreated',
  runId,
  dagNsref: 'pipelines:daily',
  sourceInputsJson: '{}',
  at,
  ...more,
});
const child = (runId: string, parentRunId: string, dagNsref: string, at: number): RunEvent =>
  create(runId, at, { parentRunId, dagNsref });
const start = (runId: string, nodeLabel: string, at: number, inputJson: string | null = null): RunEvent => ({
  type: 'nodeStarted',
  runId,
  nodeLabel,
  inputJson,
  at,
});
const complete = (runId: string, nodeLabel: string, at: number, outputJson: string | null = null): RunEvent => ({
  type: 'nodeCompleted',
  runId,
  nodeLabel,
  outputJson,
  at,
});
const finish = (runId: string, at: number, status: 'completed' | 'failed' = 'completed'): RunEvent => ({
  type: 'runFinished',
  runId,
  status,
  at,
});

const ids = (runs: readonly DagRun[]): string[] => runs.map(({ runId }) => runId);
const place = ({ startedAt, runId }: DagRun): Place => ({ startedAt, runId });

describe.each(BACK_ENDS)('A store over an $name', ({ open }) => {
  let subject: Subject;
  let store: Store;

  beforeEach(async () => {
    subject = await open();
    store = subject.store;
  });
  afterEach(() => subject.dispose());

  describe('gives runs', () => {
    test('by their ids, leaving out those that are missing', async () => {
      await subject.fill([
        create('a', 1.25, { initiatedBy: 'ada' }),
        child('b', 'a', 'pipelines:daily/x[0]', 2),
        finish('b', 3),
      ]);
      const runs = await store.runsByIds(['b', 'missing', 'a', 'a']);
      expect(runs.toSorted((x, y) => x.startedAt - y.startedAt)).toEqual([
        {
          runId: 'a',
          dagNsref: 'pipelines:daily',
          parentRunId: null,
          rootRunId: 'a',
          status: 'running',
          startedAt: 1.25,
          finishedAt: null,
          initiatedBy: 'ada',
        },
        {
          runId: 'b',
          dagNsref: 'pipelines:daily/x[0]',
          parentRunId: 'a',
          rootRunId: 'a',
          status: 'completed',
          startedAt: 2,
          finishedAt: 3,
          initiatedBy: 'ada',
        },
      ]);
    });

    test('for thousands of ids at once', async () => {
      const all = Array.from({ length: 3_000 }, (_, i) => `run ${i}`);
      await subject.fill(all.map((runId, i) => create(runId, i)));
      expect(await store.runsByIds(all)).toHaveLength(3_000);
    });

    test('whose names hold anything that a text can hold', async () => {
      const odd = [
        '',
        ' ',
        '__proto__',
        'constructor',
        'a\u0000b',
        '"',
        "'",
        '[0]',
        'x/y',
        'é',
        'e\u0301',
        '～',
        '🂱',
        '{}',
        '1',
        '\u{10ffff}',
      ];
      await subject.fill([
        ...odd.map((name, i) => create(`run${name}`, i, { dagNsref: `dag${name}` })),
        ...odd.flatMap((name) => [start(`run${name}`, name, 1, '1'), complete(`run${name}`, name, 2, '2')]),
      ]);
      expect(new Set(ids(await store.runsByIds(odd.map((name) => `run${name}`))))).toEqual(
        new Set(odd.map((name) => `run${name}`)),
      );
      const keys = odd.map((name) => ({ runId: `run${name}`, nodeLabel: name }));
      expect((await store.nodesByKeys(keys)).map(({ runId, nodeLabel }) => ({ runId, nodeLabel }))).toEqual(keys);
      expect(await store.nodePayloads(keys)).toEqual(keys.map((key) => ({ ...key, inputJson: '1', outputJson: '2' })));
    });
  });

  describe('pages through runs', () => {
    beforeEach(() =>
      subject.fill([
        create('a', 10, { initiatedBy: 'ada' }),
        create('b', 20, { dagNsref: 'pipelines:hourly' }),
        create('c', 20, { initiatedBy: 'bob' }),
        child('c1', 'c', 'pipelines:daily/x[0]', 25),
        create('d', 30, { dagNsref: 'reports:daily' }),
        finish('a', 40),
        finish('c', 41, 'failed'),
        finish('c1', 42),
        { type: 'runStatusChanged', runId: 'd', status: 'paused', at: 43 },
      ]),
    );

    test('newest first by start, then id', async () => {
      expect(ids(await store.runPage({ parent: 'roots' }, { limit: 10 }))).toEqual(['d', 'c', 'b', 'a']);
      expect(ids(await store.runPage({}, { limit: 10 }))).toEqual(['d', 'c1', 'c', 'b', 'a']);
    });

    test('from either end, between places', async () => {
      const all = await store.runPage({}, { limit: 10 });
      const [d, c1, , b] = all;
      if (!d || !c1 || !b) throw new Error('not all runs came');
      expect(ids(await store.runPage({}, { limit: 2, after: place(d) }))).toEqual(['c1', 'c']);
      expect(ids(await store.runPage({}, { limit: 2, before: place(b), fromEnd: true }))).toEqual(['c1', 'c']);
      expect(ids(await store.runPage({}, { limit: 9, after: place(d), before: place(b) }))).toEqual(['c1', 'c']);
      expect(ids(await store.runPage({}, { limit: 2, fromEnd: true }))).toEqual(['b', 'a']);
    });

    test.each([
      { filter: { statuses: ['running'] }, found: ['b'] },
      { filter: { statuses: ['completed', 'failed'] }, found: ['c1', 'c', 'a'] },
      { filter: { statuses: ['completed', 'completed'] }, found: ['c1', 'a'] },
      { filter: { statuses: [] }, found: [] },
      { filter: { unknownStatus: true }, found: [] },
      { filter: { dagNsref: { eq: 'pipelines:hourly' } }, found: ['b'] },
      { filter: { dagNsref: { in: ['reports:daily', 'pipelines:hourly', 'none'] } }, found: ['d', 'b'] },
      {
        filter: { dagNsref: { in: Array.from({ length: 99 }, (_, i) => (i ? `x${i}` : 'reports:daily')) } },
        found: ['d'],
      },
      { filter: { dagNsref: { eq: 'reports:daily', in: ['pipelines:daily'] } }, found: [] },
      { filter: { dagNsref: { startsWith: 'pipelines:d' } }, found: ['c1', 'c', 'a'] },
      { filter: { dagNsref: { startsWith: '' } }, found: ['d', 'c1', 'c', 'b', 'a'] },
      { filter: { dagNsref: { startsWith: 'p', eq: 'reports:daily' } }, found: [] },
      { filter: { initiatedBy: { eq: 'bob' } }, found: ['c1', 'c'] },
      { filter: { initiatedBy: { startsWith: 'a' } }, found: ['a'] },
      { filter: { parent: { runId: 'c' } }, found: ['c1'] },
      { filter: { parent: { runId: 'missing' } }, found: [] },
      { filter: { startedFrom: 20, startedUntil: 30 }, found: ['c1', 'c', 'b'] },
      {
        filter: { statuses: ['failed', 'running'], dagNsref: { startsWith: 'pipelines' }, parent: 'roots' as const },
        found: ['c', 'b'],
      },
    ])('that pass the filter $filter', async ({ filter, found }) => {
      expect(ids(await store.runPage(filter, { limit: 10 }))).toEqual(found);
      expect(ids(await store.runPage(filter, { limit: 10, fromEnd: true }))).toEqual(found);
      expect(ids(await store.runPage(filter, { limit: 1 }))).toEqual(found.slice(0, 1));
      expect(ids(await store.runPage(filter, { limit: 1, fromEnd: true }))).toEqual(found.slice(-1));
    });
  });

  describe('gives sub-runs', () => {
    beforeEach(() =>
      subject.fill([
        create('r', 1),
        start('r', 'each', 1),
        child('r2', 'r', 'pipelines:daily/each[1]', 3),
        child('r1', 'r', 'pipelines:daily/each[0]', 2),
        child('r11', 'r1', 'pipelines:daily/each[0]/call[]', 2.5),
        child('r111', 'r11', 'pipelines:daily/each[0]/call[]/deep[x]', 4),
        create('s', 1),
        child('s1', 's', 'pipelines:daily/each[0]', 5),
        finish('s1', 6),
        create('t', 1),
      ]),
    );

    test('of many parents at once, the same slice of each, oldest first', async () => {
      expect(ids(await store.childPages(['t', 's', 'r'], { limit: 10 }))).toEqual(['s1', 'r1', 'r2']);
      expect(ids(await store.childPages(['r', 's'], { limit: 1 }))).toEqual(['r1', 's1']);
      expect(ids(await store.childPages(['r', 's'], { limit: 9, after: { startedAt: 2, runId: 'r1' } }))).toEqual([
        'r2',
        's1',
      ]);
      expect(ids(await store.childPages(['r', 's'], { limit: 9, before: { startedAt: 3, runId: 'r2' } }))).toEqual([
        'r1',
      ]);
    });

    test('all of many parents, unless there are more than the limit', async () => {
      expect(ids(await store.childrenOf(['r', 's', 't'], 3)).toSorted()).toEqual(['r1', 'r2', 's1']);
      await expect(async () => store.childrenOf(['r', 's', 't'], 2)).rejects.toThrow(
        expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
      );
    });

    test('at every depth, below roots and below sub-runs, with the run they were asked for', async () => {
      const ancestors = await store.runsByIds(['r', 'r1', 's', 't']);
      const found = await store.descendantPages(ancestors, { limit: 10 });
      const below = Map.groupBy(found, ({ ancestorId }) => ancestorId);
      expect(ids(below.get('r') ?? [])).toEqual(['r1', 'r11', 'r2', 'r111']);
      expect(ids(below.get('r1') ?? [])).toEqual(['r11', 'r111']);
      expect(ids(below.get('s') ?? [])).toEqual(['s1']);
      expect(below.get('t')).toBeUndefined();
      const sliced = await store.descendantPages(ancestors, { limit: 1, after: { startedAt: 2.5, runId: 'r11' } });
      expect(sliced.map(({ ancestorId, runId }) => [ancestorId, runId]).toSorted()).toEqual([
        ['r', 'r2'],
        ['r1', 'r111'],
        ['s', 's1'],
      ]);
    });

    test('with the root of their tree', async () => {
      const runs = await store.runsByIds(['r', 'r1', 'r111', 's1']);
      expect(Object.fromEntries(runs.map(({ runId, rootRunId }) => [runId, rootRunId]))).toEqual({
        r: 'r',
        r1: 'r',
        r111: 'r',
        s1: 's',
      });
    });
  });

  test('counts the sub-runs of each node by status; the longest label owns them', async () => {
    const labels = ['group', 'group[x]', 'a', 'a/b', '', 'lone', 'nul\u0000'];
    const keys = [
      'group[0]',
      'group[x][0]',
      'group[x]',
      'a/b[1]',
      'a/call',
      '[0]',
      'nul\u0000[0]',
      'groups[0]',
      'stray',
    ];
    await subject.fill([
      create('r', 1),
      ...labels.map((label) => start('r', label, 1)),
      ...keys.map((key, i) => child(`c${i}`, 'r', `pipelines:daily/${key}`, 2)),
      child('again', 'r', 'pipelines:daily/group[0]', 3),
      finish('again', 4),
    ]);
    const counts = await store.childCounts([...labels, 'missing'].map((nodeLabel) => ({ runId: 'r', nodeLabel })));
    expect(new Set(counts.map(({ nodeLabel, status, count }) => `${nodeLabel}: ${count} ${status}`))).toEqual(
      new Set([
        'group: 2 running',
        'group: 1 completed',
        'group[x]: 1 running',
        'a: 1 running',
        'a/b: 1 running',
        ': 1 running',
        'nul\u0000: 1 running',
      ]),
    );
    expect(counts.every(({ runId }) => runId === 'r')).toBe(true);
  });

  describe('gives nodes', () => {
    beforeEach(() =>
      subject.fill([
        create('r', 1),
        { type: 'nodeStarted', runId: 'r', nodeLabel: 'z', inputJson: '{}', isSource: true, at: 1 },
        { type: 'nodeStarted', runId: 'r', nodeLabel: 'b', inputJson: '{}', isSink: true, at: 2 },
        { type: 'nodeStarted', runId: 'r', nodeLabel: 'a', inputJson: '{}', at: 2 },
        { type: 'nodeSkipped', runId: 'r', nodeLabel: 's', outputJson: '1', at: 0.5 },
        complete('r', 'z', 5),
        { type: 'nodeFailed', runId: 'r', nodeLabel: 'b', error: 'Traceback\n\u0000boom', at: 6 },
        create('q', 1),
        start('q', 'only', 3),
      ]),
    );

    test('of runs in order of start, then label', async () => {
      const nodes = await store.nodesByRuns(['q', 'r', 'none'], {}, 100);
      expect(nodes.map(({ runId, nodeLabel }) => `${runId}.${nodeLabel}`)).toEqual([
        'q.only',
        'r.s',
        'r.z',
        'r.a',
        'r.b',
      ]);
      expect(nodes[4]).toEqual({
        runId: 'r',
        nodeLabel: 'b',
        status: 'failed',
        isSource: false,
        isSink: true,
        startedAt: 2,
        finishedAt: 6,
        error: 'Traceback\n\u0000boom',
      });
      expect(nodes[2]).toMatchObject({ isSource: true, isSink: false, error: null });
    });

    test.each([
      { filter: { labels: ['z', 'only', 'none'] }, found: ['z', 'only'] },
      { filter: { labels: [] }, found: [] },
      { filter: { statuses: ['failed', 'skipped'] }, found: ['s', 'b'] },
      { filter: { unknownStatus: true }, found: [] },
      { filter: { changedFrom: 5 }, found: ['z', 'b'] },
      { filter: { changedFrom: 2, labels: ['a', 's'], statuses: ['running'] }, found: ['a'] },
    ])('that pass the filter $filter', async ({ filter, found }) => {
      expect((await store.nodesByRuns(['r', 'q'], filter, 100)).map(({ nodeLabel }) => nodeLabel)).toEqual(found);
    });

    test('in label order of UTF-8 bytes, which is not that of UTF-16', async () => {
      await subject.fill([create('u', 1), start('u', '\u{1f71a}', 9), start('u', '\uff5e', 9)]);
      expect((await store.nodesByRuns(['u'], {}, 9)).map(({ nodeLabel }) => nodeLabel)).toEqual([
        '\uff5e',
        '\u{1f71a}',
      ]);
    });

    test('unless there are more than the limit', async () => {
      expect(await store.nodesByRuns(['r'], {}, 4)).toHaveLength(4);
      await expect(async () => store.nodesByRuns(['r'], {}, 3)).rejects.toThrow(
        expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
      );
      await expect(async () => store.nodeLabels(['r'], 3)).rejects.toThrow(
        expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
      );
    });

    test('as labels only, and as counts by status', async () => {
      const labels = await store.nodeLabels(['r', 'q'], 10);
      expect(labels.map(({ runId, nodeLabel }) => `${runId}.${nodeLabel}`).toSorted()).toEqual([
        'q.only',
        'r.a',
        'r.b',
        'r.s',
        'r.z',
      ]);
      const counts = await store.nodeCounts(['r', 'q', 'none']);
      expect(counts.map(({ runId, status, count }) => `${runId} ${status} ${count}`).toSorted()).toEqual([
        'q running 1',
        'r completed 1',
        'r failed 1',
        'r running 1',
        'r skipped 1',
      ]);
    });
  });

  test('gives edges in order of traversal, then labels', async () => {
    await subject.fill([
      create('r', 1),
      start('r', 'a', 1),
      start('r', 'b', 1),
      {
        type: 'nodeCompleted',
        runId: 'r',
        nodeLabel: 'b',
        at: 3,
        edges: [{ upstreamLabel: 'b', downstreamLabel: 'c' }],
      },
      { type: 'edgeTraversed', runId: 'r', upstreamLabel: 'a', downstreamLabel: 'z', at: 2 },
      { type: 'edgeTraversed', runId: 'r', upstreamLabel: 'a', downstreamLabel: 'c', at: 2 },
    ]);
    expect(await store.edgesByRuns(['r', 'none'], 3)).toEqual([
      { runId: 'r', upstreamLabel: 'a', downstreamLabel: 'c', traversedAt: 2 },
      { runId: 'r', upstreamLabel: 'a', downstreamLabel: 'z', traversedAt: 2 },
      { runId: 'r', upstreamLabel: 'b', downstreamLabel: 'c', traversedAt: 3 },
    ]);
    await expect(async () => store.edgesByRuns(['r'], 2)).rejects.toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });

  test('tells the newest time in a run, not looking into its sub-runs', async () => {
    await subject.fill([
      create('own', 1),
      create('ended', 1),
      finish('ended', 9),
      create('node', 1),
      start('node', 'a', 4),
      create('edge', 1),
      start('edge', 'a', 1),
      { type: 'edgeTraversed', runId: 'edge', upstreamLabel: 'a', downstreamLabel: 'b', at: 7 },
      child('below', 'own', 'pipelines:daily/x[]', 100),
    ]);
    const latest = await store.latestUpdates(['own', 'ended', 'node', 'edge', 'none']);
    expect(Object.fromEntries(latest.map(({ runId, latestUpdate }) => [runId, latestUpdate]))).toEqual({
      own: 1,
      ended: 9,
      node: 4,
      edge: 7,
    });
  });

  test('gives payloads exactly as they were recorded, and their sizes in bytes', async () => {
    const odd = '{"n": NaN, "big": 123456789012345678901234567890, "é": "\\ud800", "twice": 1, "twice": 2}';
    await subject.fill([
      create('r', 1, { sourceInputsJson: ' {"x" : 1.0}' }),
      start('r', 'a', 1, odd),
      complete('r', 'a', 2, 'null'),
      start('r', 'b', 1, '[]'),
      { type: 'runFinished', runId: 'r', status: 'completed', sinkOutputsJson: '"é"', at: 3 },
    ]);
    expect(await store.runPayloads(['r', 'none'])).toEqual([
      { runId: 'r', inputJson: ' {"x" : 1.0}', outputJson: '"é"' },
    ]);
    expect(await store.runPayloadSizes(['r', 'none'])).toEqual([{ runId: 'r', inputBytes: 12, outputBytes: 4 }]);
    const keys = ['a', 'b', 'none'].map((nodeLabel) => ({ runId: 'r', nodeLabel }));
    expect(await store.nodePayloads(keys)).toEqual([
      { runId: 'r', nodeLabel: 'a', inputJson: odd, outputJson: 'null' },
      { runId: 'r', nodeLabel: 'b', inputJson: '[]', outputJson: null },
    ]);
    expect(await store.nodePayloadSizes(keys)).toEqual([
      { runId: 'r', nodeLabel: 'a', inputBytes: Buffer.byteLength(odd), outputBytes: 4 },
      { runId: 'r', nodeLabel: 'b', inputBytes: 2, outputBytes: null },
    ]);
  });

  test('leaves payloads out that have more bytes than are wanted', async () => {
    await subject.fill([
      create('r', 1, { sourceInputsJson: '"é"' }),
      start('r', 'a', 1, '"é"'),
      complete('r', 'a', 2, '1'),
      start('r', 'b', 1, '[]'),
      { type: 'runFinished', runId: 'r', status: 'completed', sinkOutputsJson: null, at: 3 },
    ]);
    const keys = ['a', 'b', 'none'].map((nodeLabel) => ({ runId: 'r', nodeLabel }));
    const labels = async (most: number) => (await store.nodePayloads(keys, most)).map(({ nodeLabel }) => nodeLabel);
    expect(await labels(5)).toEqual(['a', 'b']);
    expect(await labels(4)).toEqual(['b']);
    expect(await labels(0)).toEqual([]);
    expect(await store.runPayloads(['r'], 4)).toHaveLength(1);
    expect(await store.runPayloads(['r'], 3)).toEqual([]);
  });

  test('answers nothing about nothing', async () => {
    expect(await store.runsByIds([])).toEqual([]);
    expect(await store.childPages([], { limit: 1 })).toEqual([]);
    expect(await store.childrenOf([], 1)).toEqual([]);
    expect(await store.descendantPages([], { limit: 1 })).toEqual([]);
    expect(await store.childCounts([])).toEqual([]);
    expect(await store.nodesByRuns([], {}, 1)).toEqual([]);
    expect(await store.nodesByKeys([])).toEqual([]);
    expect(await store.nodePayloads([])).toEqual([]);
    await store.check();
  });

  test('records what it says that it can record', async () => {
    const batch: RunEvent[] = [create('r', 1), start('r', 'a', 2, '1'), complete('r', 'a', 3, '2')];
    if (store.capabilities.writable) {
      expect(await store.record(batch)).toEqual({ ok: true, changed: [true, true, true] });
      expect(await store.record(batch)).toEqual({ ok: true, changed: [false, false, false] });
      expect(await store.nodesByRuns(['r'], {}, 9)).toMatchObject([{ nodeLabel: 'a', status: 'completed' }]);
    } else {
      await expect(store.record(batch)).rejects.toThrow(expect.objectContaining({ code: 'READ_ONLY_STORE' }));
      expect(await store.runsByIds(['r'])).toEqual([]);
    }
  });
});
