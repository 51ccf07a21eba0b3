import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawJson } from '../../src/client/rawJson.ts';
import { createRecorder, type Recorder } from '../../src/client/recorder.ts';
import { Fault, RecordingRefused } from '../../src/errors.ts';
import type { EventSink, Recorded, RunEvent } from '../../src/model.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('a recorder', () => {
  it('turns each call into its event', async () => {
    const { recorder, batches } = listening();
    const edge = { upstreamLabel: 'load', downstreamLabel: 'sum' };
    await recorder.createRun(
      'r',
      'pipelines:daily',
      { day: new Date(0) },
      { parentRunId: 'p', initiatedBy: 'me', at: 1 },
    );
    await recorder.createRun('r2', 'pipelines:daily');
    await recorder.updateRunStatus('r', 'paused', { at: 2 });
    await recorder.recordNodeStart('r', 'load', [1n], { isSource: true, isSink: false, at: 3 });
    await recorder.recordNodeStart('r', 'sum');
    await recorder.recordNodeComplete('r', 'load', undefined, { at: 4 });
    await recorder.completeNodeWithEdges('r', 'load', new Set([1]), [edge], { at: 5 });
    await recorder.recordEdgeTraversal('r', 'load', 'sum', { at: 6 });
    await recorder.recordNodeSkipped('r', 'old', rawJson('1.0'), { at: 7 });
    await recorder.recordNodeFailed('r', 'sum', 'Traceback', { at: 8 });
    await recorder.finishRun('r', 'completed', { sum: Number.NaN }, { at: 9 });
    await recorder.finishRun('r', 'cancelled');

    expect(batches).toEqual([
      [
        {
          type: 'runCreated',
          runId: 'r',
          dagNsref: 'pipelines:daily',
          sourceInputsJson: '{"day":"1970-01-01T00:00:00.000Z"}',
          parentRunId: 'p',
          initiatedBy: 'me',
          at: 1,
        },
      ],
      [{ type: 'runCreated', runId: 'r2', dagNsref: 'pipelines:daily', sourceInputsJson: '{}' }],
      [{ type: 'runStatusChanged', runId: 'r', status: 'paused', at: 2 }],
      [{ type: 'nodeStarted', runId: 'r', nodeLabel: 'load', inputJson: '[1]', isSource: true, isSink: false, at: 3 }],
      [{ type: 'nodeStarted', runId: 'r', nodeLabel: 'sum', inputJson: null }],
      [{ type: 'nodeCompleted', runId: 'r', nodeLabel: 'load', outputJson: 'null', at: 4 }],
      [{ type: 'nodeCompleted', runId: 'r', nodeLabel: 'load', outputJson: '[1]', edges: [edge], at: 5 }],
      [{ type: 'edgeTraversed', runId: 'r', ...edge, at: 6 }],
      [{ type: 'nodeSkipped', runId: 'r', nodeLabel: 'old', outputJson: '1.0', at: 7 }],
      [{ type: 'nodeFailed', runId: 'r', nodeLabel: 'sum', error: 'Traceback', at: 8 }],
      [{ type: 'runFinished', runId: 'r', status: 'completed', sinkOutputsJson: '{"sum":NaN}', at: 9 }],
      [{ type: 'runFinished', runId: 'r', status: 'cancelled', sinkOutputsJson: null }],
    ]);
  });

  it('records the failure of a node and of its run in one batch', async () => {
    const { recorder, batches } = listening();
    const error = new Error('outer', { cause: new Error('inner') });
    await recorder.failNodeAndFinishRun('r', 'sum', error, { at: 1 });
    expect(batches).toEqual([
      [
        {
          type: 'nodeFailed',
          runId: 'r',
          nodeLabel: 'sum',
          error: expect.stringMatching(/^Error: outer\n.*\n\nCaused by: Error: inner\n/s),
          at: 1,
        },
        { type: 'runFinished', runId: 'r', status: 'failed', at: 1 },
      ],
    ]);
  });

  it('hands on batches as they are, of any size', async () => {
    const { recorder, batches } = listening();
    const events = Array.from(
      { length: 200_000 },
      (): RunEvent => ({ type: 'runStatusChanged', runId: 'r', status: 'running' }),
    );
    await recorder.recordEvents(events);
    expect(batches[0]).toBe(events);
  });

  it('takes values as they are at the call', async () => {
    const { recorder, batches } = listening();
    const output = [1];
    const recording = recorder.recordNodeComplete('r', 'load', output);
    output.push(2);
    await recording;
    expect(batches[0]).toMatchObject([{ outputJson: '[1]' }]);
  });

  it('says whether anything changed', async () => {
    const { recorder } = listening(async () => ({ ok: true, changed: [false, true, false] }));
    expect(await recorder.recordEvents([])).toEqual({ changed: true });
    const repeated = listening(async () => ({ ok: true, changed: [false] }));
    expect(await repeated.recorder.updateRunStatus('r', 'paused')).toEqual({ changed: false });
  });

  it('says which value could not be recorded as it was', async () => {
    const warnings: string[] = [];
    const { sink } = listening();
    const recorder = createRecorder(sink, { onWarning: (warning) => warnings.push(warning) });
    await recorder.recordNodeStart('run-1', 'load', { mark: Symbol('m') });
    await recorder.finishRun('run-1', 'completed', [Symbol('m')]);
    expect(warnings).toEqual([
      'run-1, load, input: $.mark: a symbol, recorded as a text',
      'run-1, sink outputs: $[0]: a symbol, recorded as a text',
    ]);
  });

  it('warns the process if nobody else listens', async () => {
    const { recorder } = listening();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await recorder.createRun('run-1', 'ns', { mark: Symbol('m') });
    expect(await warned).toMatchObject({
      name: 'RecordingWarning',
      message: 'run-1, source inputs: $.mark: a symbol, recorded as a text',
    });
  });

  it('hands faults and refusals to onError, if there is one, and resolves', async () => {
    const fault = new Fault('STORE_FULL', 'the disk is full');
    const errors: unknown[] = [];
    const { sink } = listening(() => Promise.reject(fault));
    const recorder = createRecorder(sink, { onError: (error) => errors.push(error) });
    expect(await recorder.createRun('r', 'ns')).toEqual({ changed: false });
    expect(errors).toEqual([fault]);
    await expect(createRecorder(sink).createRun('r', 'ns')).rejects.toBe(fault);
  });
});

describe('a recorder over a store', () => {
  let folder: string;
  let store: Store;
  let recorder: Recorder;

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openSqliteStore(join(folder, 'runs.db'));
    recorder = createRecorder(store);
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('leaves a run that can be read', async () => {
    const edges = [{ upstreamLabel: 'load', downstreamLabel: 'sum' }];
    expect(await recorder.createRun('r', 'ns:dag', { day: 1n })).toEqual({ changed: true });
    await recorder.recordNodeStart('r', 'load', {}, { isSource: true });
    await recorder.completeNodeWithEdges('r', 'load', 9007199254740993n, edges);
    await recorder.recordNodeStart('r', 'sum', [1], { isSink: true });
    await recorder.failNodeAndFinishRun('r', 'sum', new Error('too big'));

    expect(await store.runsByIds(['r'])).toMatchObject([{ dagNsref: 'ns:dag', status: 'failed' }]);
    expect(await store.nodesByRuns(['r'], {}, 10)).toMatchObject([
      { nodeLabel: 'load', status: 'completed', isSource: true, isSink: false, error: null },
      { nodeLabel: 'sum', status: 'failed', isSink: true, error: expect.stringMatching(/^Error: too big\n {4}at /) },
    ]);
    expect(await store.edgesByRuns(['r'], 10)).toMatchObject(edges);
    expect(await store.runPayloads(['r'])).toMatchObject([{ inputJson: '{"day":1}', outputJson: null }]);
    expect(await store.nodePayloads([{ runId: 'r', nodeLabel: 'load' }])).toMatchObject([
      { inputJson: '{}', outputJson: '9007199254740993' },
    ]);
  });

  it('keeps the order of calls that nobody awaits', async () => {
    const calls = [
      recorder.createRun('r', 'ns:dag'),
      recorder.recordNodeStart('r', 'load'),
      recorder.recordNodeComplete('r', 'load', 1),
      recorder.finishRun('r', 'completed', { load: 1 }),
    ];
    expect(await Promise.all(calls)).toEqual(Array(4).fill({ changed: true }));
  });

  it('says that a repeat changed nothing', async () => {
    await recorder.createRun('r', 'ns:dag');
    expect(await recorder.createRun('r', 'ns:dag')).toEqual({ changed: false });
  });

  it('rejects with the codes and remedies of what was refused', async () => {
    const refused = await recorder.recordNodeStart('missing', 'load').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RecordingRefused);
    expect(refused).toMatchObject({
      name: 'RecordingRefused',
      message: expect.stringMatching(/^RUN_NOT_FOUND: .*missing/),
      refusals: [{ code: 'RUN_NOT_FOUND', event: 0, path: ['runId'] }],
    });
    await expect(recorder.createRun('r', 'ns:dag', rawJson('{'))).rejects.toMatchObject({
      refusals: [{ code: 'INVALID_JSON', path: ['sourceInputsJson'] }],
    });
  });

  it('takes any value, since whatever the serialiser writes is JSON to the store', async () => {
    const circle: unknown[] = [Number.NaN, -0, 10n ** 40n, '\ud800', new Map([[{}, Symbol('s')]])];
    circle.push(circle);
    const quiet = createRecorder(store, { onWarning: () => {} });
    expect(await quiet.createRun('r', 'ns:dag', circle)).toEqual({ changed: true });
  });
});

/** A recorder over a sink that keeps what it gets. */
function listening(answer?: (events: readonly RunEvent[]) => Promise<Recorded>) {
  const batches: (readonly RunEvent[])[] = [];
  const sink: EventSink = {
    record: async (events) => {
      batches.push(events);
      return answer ? answer(events) : { ok: true, changed: events.map(() => true) };
    },
  };
  return { sink, recorder: createRecorder(sink), batches };
}
