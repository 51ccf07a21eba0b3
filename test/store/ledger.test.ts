import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Recorded, RunEvent } from '../../src/model.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';

/** The rules of docs/events.md: what each event does in each state. */

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const RUN = { runId: 'r' };
const NODE = { runId: 'r', nodeLabel: 'a' };
const created: RunEvent = { type: 'runCreated', ...RUN, dagNsref: 'pipelines:daily', sourceInputsJson: '{"x": 1}' };
const paused: RunEvent = { type: 'runStatusChanged', ...RUN, status: 'paused' };
const resumed: RunEvent = { type: 'runStatusChanged', ...RUN, status: 'running' };
const finished = (status: 'completed' | 'failed' | 'cancelled'): RunEvent => ({ type: 'runFinished', ...RUN, status });
const started: RunEvent = { type: 'nodeStarted', ...NODE, inputJson: '1' };
const completed: RunEvent = { type: 'nodeCompleted', ...NODE, outputJson: '2' };
const failed: RunEvent = { type: 'nodeFailed', ...NODE, error: 'boom' };
const skipped: RunEvent = { type: 'nodeSkipped', ...NODE, outputJson: '2' };
const traversed: RunEvent = { type: 'edgeTraversed', ...RUN, upstreamLabel: 'a', downstreamLabel: 'b' };

/** changed, unchanged, or the code of the refusal */
function outcome(recorded: Recorded): string {
  if (!recorded.ok) return recorded.refusals.map(({ code }) => code).join(', ');
  return recorded.changed.at(-1) ? 'changed' : 'unchanged';
}

async function given(...events: RunEvent[]): Promise<void> {
  for (const event of events) expect(await store.record([event])).toMatchObject({ ok: true });
}

async function record(...events: RunEvent[]): Promise<string> {
  return outcome(await store.record(events));
}

const runStatus = async (): Promise<string | undefined> => (await store.runsByIds(['r']))[0]?.status;
const node = async () => (await store.nodesByKeys([NODE]))[0];

const RUN_STATES: Record<string, RunEvent[]> = {
  missing: [],
  running: [created],
  paused: [created, paused],
  completed: [created, finished('completed')],
  failed: [created, finished('failed')],
  cancelled: [created, finished('cancelled')],
};

describe('A run', () => {
  const cases: [state: string, event: RunEvent, outcome: string][] = [
    ['missing', created, 'changed'],
    ['missing', paused, 'RUN_NOT_FOUND'],
    ['missing', finished('completed'), 'RUN_NOT_FOUND'],
    ['running', created, 'unchanged'],
    ['running', resumed, 'unchanged'],
    ['running', paused, 'changed'],
    ['running', finished('completed'), 'changed'],
    ['running', finished('failed'), 'changed'],
    ['running', finished('cancelled'), 'changed'],
    ['paused', created, 'unchanged'],
    ['paused', paused, 'unchanged'],
    ['paused', resumed, 'changed'],
    ['paused', finished('completed'), 'changed'],
    ['paused', finished('cancelled'), 'changed'],
    ['completed', created, 'unchanged'],
    ['completed', resumed, 'INVALID_TRANSITION'],
    ['completed', paused, 'INVALID_TRANSITION'],
    ['completed', finished('completed'), 'unchanged'],
    ['completed', finished('failed'), 'CONFLICT'],
    ['failed', resumed, 'changed'],
    ['failed', paused, 'INVALID_TRANSITION'],
    ['failed', finished('failed'), 'unchanged'],
    ['failed', finished('completed'), 'CONFLICT'],
    ['cancelled', resumed, 'INVALID_TRANSITION'],
    ['cancelled', finished('cancelled'), 'unchanged'],
    ['cancelled', finished('failed'), 'CONFLICT'],
  ];
  test.each(cases)('that is %s gets %o: %s', async (state, event, expected) => {
    await given(...(RUN_STATES[state] ?? []));
    const before = await store.runsByIds(['r']);
    expect(await record(event)).toBe(expected);
    if (expected !== 'changed') expect(await store.runsByIds(['r'])).toEqual(before);
  });

  test('ends only by finishing', async () => {
    await given(created);
    expect(await record({ type: 'runStatusChanged', ...RUN, status: 'completed' })).toBe('INVALID_TRANSITION');
    expect(await record({ type: 'runFinished', ...RUN, status: 'paused' })).toBe('INVALID_INPUT');
  });

  test.each([{ dagNsref: 'pipelines:other' }, { sourceInputsJson: '{"x":1}' }, { initiatedBy: 'ada' }])(
    'cannot be created again with other content: %o',
    async (other) => {
      await given(created);
      expect(await record({ ...created, ...other } as RunEvent)).toBe('CONFLICT');
    },
  );

  test('cannot finish again with other outputs', async () => {
    await given(created, { ...finished('completed'), sinkOutputsJson: '1' } as RunEvent);
    expect(await record({ ...finished('completed'), sinkOutputsJson: '2' } as RunEvent)).toBe('CONFLICT');
    expect(await record({ ...finished('completed'), sinkOutputsJson: '1' } as RunEvent)).toBe('unchanged');
  });

  test('needs a parent that is there, and inherits who asked for it', async () => {
    const child: RunEvent = { ...created, runId: 'c', parentRunId: 'r', dagNsref: 'pipelines:daily/a[0]' };
    expect(await record(child)).toBe('PARENT_NOT_FOUND');
    await given({ ...created, initiatedBy: 'ada' }, child);
    expect(await store.runsByIds(['c'])).toMatchObject([{ initiatedBy: 'ada', rootRunId: 'r' }]);
    expect(await record(child)).toBe('unchanged');
  });

  test('has no end while it goes on after a failure', async () => {
    await given({ ...created, at: 1 }, { ...finished('failed'), at: 2 } as RunEvent);
    expect(await store.runsByIds(['r'])).toMatchObject([{ finishedAt: 2 }]);
    await given(resumed);
    expect(await store.runsByIds(['r'])).toMatchObject([{ status: 'running', finishedAt: null, startedAt: 1 }]);
  });
});

const NODE_STATES: Record<string, RunEvent[]> = {
  'in no run': [],
  missing: [created],
  running: [created, started],
  completed: [created, started, completed],
  failed: [created, started, failed],
  skipped: [created, skipped],
};

describe('A node', () => {
  const cases: [state: string, event: RunEvent, outcome: string][] = [
    ['in no run', started, 'RUN_NOT_FOUND'],
    ['in no run', completed, 'RUN_NOT_FOUND'],
    ['in no run', failed, 'RUN_NOT_FOUND'],
    ['in no run', skipped, 'RUN_NOT_FOUND'],
    ['in no run', traversed, 'RUN_NOT_FOUND'],
    ['missing', started, 'changed'],
    ['missing', completed, 'NODE_NOT_FOUND'],
    ['missing', failed, 'NODE_NOT_FOUND'],
    ['missing', skipped, 'changed'],
    ['missing', traversed, 'NODE_NOT_FOUND'],
    ['running', started, 'unchanged'],
    ['running', { ...started, inputJson: '9' }, 'CONFLICT'],
    ['running', { ...started, isSink: true }, 'CONFLICT'],
    ['running', completed, 'changed'],
    ['running', failed, 'changed'],
    ['running', skipped, 'INVALID_TRANSITION'],
    ['running', traversed, 'changed'],
    ['completed', started, 'unchanged'],
    ['completed', completed, 'unchanged'],
    ['completed', { ...completed, outputJson: '9' }, 'CONFLICT'],
    ['completed', { ...completed, edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] }, 'changed'],
    ['completed', failed, 'INVALID_TRANSITION'],
    ['completed', skipped, 'INVALID_TRANSITION'],
    ['failed', started, 'unchanged'],
    ['failed', completed, 'INVALID_TRANSITION'],
    ['failed', failed, 'unchanged'],
    ['failed', { ...failed, error: 'other' }, 'CONFLICT'],
    ['failed', skipped, 'INVALID_TRANSITION'],
    ['skipped', started, 'INVALID_TRANSITION'],
    ['skipped', completed, 'INVALID_TRANSITION'],
    ['skipped', failed, 'INVALID_TRANSITION'],
    ['skipped', skipped, 'unchanged'],
    ['skipped', { ...skipped, outputJson: '9' }, 'CONFLICT'],
  ];
  test.each(cases)('that is %s gets %o: %s', async (state, event, expected) => {
    await given(...(NODE_STATES[state] ?? []));
    const before = await node();
    expect(await record(event)).toBe(expected);
    if (expected !== 'changed') expect(await node()).toEqual(before);
  });

  test.each(['paused', 'completed', 'failed', 'cancelled'])(
    'does not begin in a run that is %s, but ends in it',
    async (state) => {
      await given(created, started, ...(RUN_STATES[state] ?? []).slice(1));
      expect(await record({ ...started, nodeLabel: 'late' })).toBe('INVALID_TRANSITION');
      expect(await record({ ...skipped, nodeLabel: 'late' })).toBe('INVALID_TRANSITION');
      expect(await record(completed)).toBe('changed');
    },
  );

  test('takes an edge once, whichever event brings it', async () => {
    await given(created, started, { ...completed, edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] } as RunEvent);
    expect(await record(traversed)).toBe('unchanged');
    expect(await store.edgesByRuns(['r'], 9)).toHaveLength(1);
  });
});

describe('After a restart', () => {
  const failedRun = [created, started, failed, finished('failed')];

  test('a failed node starts again, with a new input, and can end otherwise', async () => {
    await given(...failedRun, resumed);
    expect(await record({ ...started, inputJson: '7' })).toBe('changed');
    expect(await node()).toMatchObject({ status: 'running', error: null, finishedAt: null });
    expect(await store.nodePayloads([NODE])).toMatchObject([{ inputJson: '7', outputJson: null }]);
    await given(completed, finished('completed'));
    expect(await node()).toMatchObject({ status: 'completed' });
  });

  test('a node that a pause or a crash left running starts again', async () => {
    await given(created, started, paused, resumed);
    expect(await record(started)).toBe('changed');
  });

  test('a completed node keeps its output and does not start again', async () => {
    await given(created, started, completed, finished('failed'), resumed);
    expect(await record(started)).toBe('unchanged');
    expect(await record({ ...started, inputJson: '7' })).toBe('INVALID_TRANSITION');
    expect(await node()).toMatchObject({ status: 'completed' });
  });

  test('a repeat of what the earlier attempt recorded changes nothing', async () => {
    await given(...failedRun, resumed, started, completed);
    expect(await record(failed)).toBe('unchanged');
    expect(await record({ ...failed, error: 'another' })).toBe('INVALID_TRANSITION');
    expect(await node()).toMatchObject({ status: 'completed', error: null });
  });

  test('a late repeat of an earlier failure does not fail the attempt at work, if it carries its time', async () => {
    const failure: RunEvent = { ...failed, at: 5 };
    await given(created, started, failure, finished('failed'), resumed, started);
    expect(await record(failure)).toBe('unchanged');
    expect(await node()).toMatchObject({ status: 'running', error: null });
    expect(await record({ ...failure, at: 9 })).toBe('changed');
    expect(await node()).toMatchObject({ status: 'failed', finishedAt: 9 });
  });

  test('the whole story sent again changes nothing, if its events carry their times', async () => {
    const story = [
      ...failedRun,
      resumed,
      started,
      failed,
      finished('failed'),
      resumed,
      { ...started, inputJson: '7' },
      completed,
      finished('completed'),
    ].map((event, i): RunEvent => ({ ...event, at: i }));
    expect(await record(...story)).toBe('changed');
    const before = [await store.runsByIds(['r']), await store.nodesByRuns(['r'], {}, 9)];
    const again = await store.record(story);
    expect(again).toEqual({ ok: true, changed: story.map(() => false) });
    for (const event of story) expect(await record(event)).toBe('unchanged');
    expect([await store.runsByIds(['r']), await store.nodesByRuns(['r'], {}, 9)]).toEqual(before);
  });
});

describe('A batch', () => {
  test('is recorded in its order', async () => {
    expect(
      await store.record([
        created,
        started,
        { ...completed, edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] } as RunEvent,
        finished('completed'),
      ]),
    ).toEqual({
      ok: true,
      changed: [true, true, true, true],
    });
    expect(await runStatus()).toBe('completed');
  });

  test('is refused as a whole, naming each event at fault', async () => {
    const recorded = await store.record([
      created,
      started,
      { ...completed, nodeLabel: 'never' },
      finished('completed'),
      { ...started, runId: 'other' },
    ]);
    expect(recorded).toEqual({
      ok: false,
      refusals: [
        { code: 'NODE_NOT_FOUND', event: 2, path: ['nodeLabel'], message: expect.stringContaining('"never"') },
        { code: 'RUN_NOT_FOUND', event: 4, path: ['runId'], message: expect.stringContaining('other') },
      ],
    });
    expect(await store.runsByIds(['r'])).toEqual([]);
  });

  test('that is empty is recorded', async () => {
    expect(await store.record([])).toEqual({ ok: true, changed: [] });
  });

  test('names the edge at fault', async () => {
    await given(created, started);
    const edges = [
      { upstreamLabel: 'a', downstreamLabel: 'b' },
      { upstreamLabel: 'never', downstreamLabel: 'b' },
    ];
    expect(await store.record([{ ...completed, edges } as RunEvent])).toMatchObject({
      refusals: [{ code: 'NODE_NOT_FOUND', path: ['edges', '1', 'upstreamLabel'] }],
    });
    expect(await node()).toMatchObject({ status: 'running' });
  });
});
