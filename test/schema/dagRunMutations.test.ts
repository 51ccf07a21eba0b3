import { describe, expect, it } from 'vitest';
import { created, finished } from '../support/events.ts';
import { openApi, T } from './harness.ts';

const OUTCOME = '{ run { runId status } changed userErrors { code path } }';

describe('createRun', () => {
  it('records that a run has begun', async () => {
    await using api = await openApi([created('parent', { dagNsref: 'd', initiatedBy: 'ann' })]);
    const { data } = await api.ask(`mutation {
      createRun(input: {
        runId: "run", dagNsref: "d/map[0]", sourceInputsJson: "{\\"a\\": 1}", parentRunId: "parent", at: "2023-11-14T22:13:20Z"
      }) {
        run { runId dagNsref status startedAt parentRunId initiatedBy expansionKey io { inputJson outputJson } }
        changed userErrors { code }
      }
    }`);
    expect(data).toEqual({
      createRun: {
        run: {
          runId: 'run',
          dagNsref: 'd/map[0]',
          status: 'RUNNING',
          startedAt: '2023-11-14T22:13:20.000000Z',
          parentRunId: 'parent',
          initiatedBy: 'ann',
          expansionKey: 'map[0]',
          io: { inputJson: '{"a": 1}', outputJson: null },
        },
        changed: true,
        userErrors: [],
      },
    });
  });

  it('takes {} for the inputs and now for the time if they are not given', async () => {
    await using api = await openApi();
    const before = Date.now();
    const { data } = await api.ask<{ createRun: { run: { startedAt: string } } }>(`mutation {
      createRun(input: { runId: "run", dagNsref: "d", parentRunId: null, initiatedBy: null, at: null }) {
        run { startedAt initiatedBy io { inputJson } }
      }
    }`);
    expect(data).toMatchObject({ createRun: { run: { initiatedBy: null, io: { inputJson: '{}' } } } });
    expect(Math.abs(Date.parse(data.createRun.run.startedAt) - before)).toBeLessThan(60_000);
  });

  it('changes nothing the second time', async () => {
    await using api = await openApi();
    const create = `mutation { createRun(input: { runId: "run", dagNsref: "d" }) ${OUTCOME} }`;
    const { data } = await api.ask(create);
    expect(data).toEqual({ createRun: { run: { runId: 'run', status: 'RUNNING' }, changed: true, userErrors: [] } });
    const again = await api.ask(create);
    expect(again.data).toEqual({
      createRun: { run: { runId: 'run', status: 'RUNNING' }, changed: false, userErrors: [] },
    });
  });

  it.each([
    ['CONFLICT', 'runId', 'runId: "taken", dagNsref: "other"'],
    ['PARENT_NOT_FOUND', 'parentRunId', 'runId: "run", dagNsref: "d", parentRunId: "nobody"'],
    ['INVALID_INPUT', 'runId', 'runId: "", dagNsref: "d"'],
    ['INVALID_INPUT', 'dagNsref', 'runId: "run", dagNsref: ""'],
    ['INVALID_JSON', 'sourceInputsJson', 'runId: "run", dagNsref: "d", sourceInputsJson: "{"'],
  ])('refuses with %s at %s', async (code, field, input) => {
    await using api = await openApi([created('taken', { dagNsref: 'd' })]);
    const { data, codes } = await api.ask(`mutation { createRun(input: { ${input} }) ${OUTCOME} }`);
    expect(data).toEqual({ createRun: { run: null, changed: false, userErrors: [{ code, path: ['input', field] }] } });
    expect(codes).toEqual([]);
  });

  it('refuses a payload that is too large', async () => {
    await using api = await openApi();
    const { data } = await api.ask(
      `mutation ($json: String) { createRun(input: { runId: "run", dagNsref: "d", sourceInputsJson: $json }) ${OUTCOME} }`,
      { variables: { json: JSON.stringify('x'.repeat(17 * 1024 * 1024)) } },
    );
    expect(data).toEqual({
      createRun: {
        run: null,
        changed: false,
        userErrors: [{ code: 'PAYLOAD_TOO_LARGE', path: ['input', 'sourceInputsJson'] }],
      },
    });
  });
});

describe('updateRunStatus', () => {
  it('records a pause and that it goes on', async () => {
    await using api = await openApi([created('run')]);
    const { data } = await api.ask(`mutation {
      pause: updateRunStatus(input: { runId: "run", status: PAUSED }) ${OUTCOME}
      goOn: updateRunStatus(input: { runId: "run", status: RUNNING }) ${OUTCOME}
    }`);
    expect(data).toEqual({
      pause: { run: { runId: 'run', status: 'PAUSED' }, changed: true, userErrors: [] },
      goOn: { run: { runId: 'run', status: 'RUNNING' }, changed: true, userErrors: [] },
    });
  });

  it('refuses runs that are not there, ends that are no change, and UNKNOWN', async () => {
    await using api = await openApi([created('run'), created('done'), finished('done')]);
    const { data } = await api.ask(`mutation {
      missing: updateRunStatus(input: { runId: "nobody", status: PAUSED }) ${OUTCOME}
      ended: updateRunStatus(input: { runId: "done", status: RUNNING }) ${OUTCOME}
      unknown: updateRunStatus(input: { runId: "run", status: UNKNOWN }) { run { runId } userErrors { code message path } }
    }`);
    expect(data).toMatchObject({
      missing: { run: null, changed: false, userErrors: [{ code: 'RUN_NOT_FOUND', path: ['input', 'runId'] }] },
      ended: { run: null, changed: false, userErrors: [{ code: 'INVALID_TRANSITION', path: ['input', 'status'] }] },
      unknown: { run: null, userErrors: [{ code: 'INVALID_INPUT', path: ['input', 'status'] }] },
    });
  });
});

describe('finishRun', () => {
  it('records an end and the outputs', async () => {
    await using api = await openApi([created('run', { at: T })]);
    const { data } = await api.ask(`mutation {
      finishRun(input: { runId: "run", status: COMPLETED, sinkOutputsJson: "[NaN]", at: "2023-11-14T22:13:30Z" }) {
        run { status durationMs io { outputJson } } changed userErrors { code }
      }
    }`);
    expect(data).toEqual({
      finishRun: {
        run: { status: 'COMPLETED', durationMs: 10_000, io: { outputJson: '[NaN]' } },
        changed: true,
        userErrors: [],
      },
    });
  });

  it('refuses another end, and a status that is none', async () => {
    await using api = await openApi([created('run'), finished('run')]);
    const { data } = await api.ask(`mutation {
      other: finishRun(input: { runId: "run", status: FAILED }) ${OUTCOME}
      none: finishRun(input: { runId: "run", status: RUNNING }) ${OUTCOME}
    }`);
    expect(data).toEqual({
      other: { run: null, changed: false, userErrors: [{ code: 'CONFLICT', path: ['input', 'status'] }] },
      none: { run: null, changed: false, userErrors: [{ code: 'INVALID_INPUT', path: ['input', 'status'] }] },
    });
  });
});

describe('mutations in one request', () => {
  it('happen one after the other, and each shows what is there after it', async () => {
    await using api = await openApi();
    const { data } = await api.ask(`mutation {
      createRun(input: { runId: "run", dagNsref: "d" }) { run { status nodes { nodeLabel } childRuns { nodes { runId } } nodeCounts { total } io { outputJson } } }
      recordNodeStart(input: { runId: "run", nodeLabel: "map" }) { run { nodes { nodeLabel status } nodeCounts { total } } node { status subDags { key } } }
      sub: createRun(input: { runId: "sub", dagNsref: "d/map[0]", parentRunId: "run" }) { run { parent { nodes { subDags { key } } childRuns { nodes { runId } } } } }
      recordNodeComplete(input: { runId: "run", nodeLabel: "map" }) { node { status } }
      finishRun(input: { runId: "run", status: COMPLETED, sinkOutputsJson: "1" }) { run { status nodes { status } io { outputJson } } }
    }`);
    expect(data).toEqual({
      createRun: {
        run: {
          status: 'RUNNING',
          nodes: [],
          childRuns: { nodes: [] },
          nodeCounts: { total: 0 },
          io: { outputJson: null },
        },
      },
      recordNodeStart: {
        run: { nodes: [{ nodeLabel: 'map', status: 'RUNNING' }], nodeCounts: { total: 1 } },
        node: { status: 'RUNNING', subDags: [] },
      },
      sub: { run: { parent: { nodes: [{ subDags: [{ key: 'map[0]' }] }], childRuns: { nodes: [{ runId: 'sub' }] } } } },
      recordNodeComplete: { node: { status: 'COMPLETED' } },
      finishRun: { run: { status: 'COMPLETED', nodes: [{ status: 'COMPLETED' }], io: { outputJson: '1' } } },
    });
  });
});
