import { describe, expect, it } from 'vitest';
import { created, started } from '../support/events.ts';
import { openApi, T } from './harness.ts';

const RUN = [created('run', { at: T }), started('run', 'a', { at: T })];
const OUTCOME = '{ run { runId } node { nodeLabel status } changed userErrors { code path } }';

describe('a mutation of a node', () => {
  it('records its start', async () => {
    await using api = await openApi([created('run')]);
    const { data } = await api.ask(`mutation {
      recordNodeStart(input: { runId: "run", nodeLabel: "a", inputJson: "[1]", isSource: true, at: "2023-11-14T22:13:20Z" }) {
        run { runId } node { nodeLabel status isSource isSink startedAt io { inputJson } } changed userErrors { code }
      }
      nulls: recordNodeStart(input: { runId: "run", nodeLabel: "b", inputJson: null, isSource: null, isSink: null, at: null }) {
        node { isSource isSink io { inputJson } }
      }
    }`);
    expect(data).toEqual({
      recordNodeStart: {
        run: { runId: 'run' },
        node: {
          nodeLabel: 'a',
          status: 'RUNNING',
          isSource: true,
          isSink: false,
          startedAt: '2023-11-14T22:13:20.000000Z',
          io: { inputJson: '[1]' },
        },
        changed: true,
        userErrors: [],
      },
      nulls: { node: { isSource: false, isSink: false, io: { inputJson: null } } },
    });
  });

  it('records its completion, and nothing the second time', async () => {
    await using api = await openApi(RUN);
    const complete = `mutation { recordNodeComplete(input: { runId: "run", nodeLabel: "a", outputJson: "2" }) ${OUTCOME} }`;
    const outcome = { run: { runId: 'run' }, node: { nodeLabel: 'a', status: 'COMPLETED' }, userErrors: [] };
    expect((await api.ask(complete)).data).toEqual({ recordNodeComplete: { ...outcome, changed: true } });
    expect((await api.ask(complete)).data).toEqual({ recordNodeComplete: { ...outcome, changed: false } });
  });

  it('records its completion with the edges that its output went along', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`mutation {
      completeNodeWithEdges(input: {
        runId: "run", nodeLabel: "a", outputJson: "2",
        edges: [{ upstreamLabel: "a", downstreamLabel: "b" }, { upstreamLabel: "a", downstreamLabel: "c" }]
      }) { node { status edges { downstreamLabel } } changed }
    }`);
    expect(data).toEqual({
      completeNodeWithEdges: {
        node: { status: 'COMPLETED', edges: [{ downstreamLabel: 'b' }, { downstreamLabel: 'c' }] },
        changed: true,
      },
    });
  });

  it('records its failure', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`mutation {
      recordNodeFailed(input: { runId: "run", nodeLabel: "a", error: "boom" }) { run { status } node { status error } }
    }`);
    expect(data).toEqual({
      recordNodeFailed: { run: { status: 'RUNNING' }, node: { status: 'FAILED', error: 'boom' } },
    });
  });

  it('records its failure and that of its run together', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`mutation {
      failNodeAndFinishRun(input: { runId: "run", nodeLabel: "a", error: "boom", at: "2023-11-14T22:13:25Z" }) {
        run { status durationMs } node { status error durationMs } changed userErrors { code }
      }
    }`);
    expect(data).toEqual({
      failNodeAndFinishRun: {
        run: { status: 'FAILED', durationMs: 5_000 },
        node: { status: 'FAILED', error: 'boom', durationMs: 5_000 },
        changed: true,
        userErrors: [],
      },
    });
  });

  it('records that a replay skipped it', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`mutation {
      recordNodeSkipped(input: { runId: "run", nodeLabel: "b", outputJson: "7" }) { node { status io { outputJson } } }
    }`);
    expect(data).toEqual({ recordNodeSkipped: { node: { status: 'SKIPPED', io: { outputJson: '7' } } } });
  });

  it.each([
    ['RUN_NOT_FOUND', ['runId'], 'recordNodeStart(input: { runId: "nobody", nodeLabel: "a" })'],
    ['NODE_NOT_FOUND', ['nodeLabel'], 'recordNodeComplete(input: { runId: "run", nodeLabel: "nobody" })'],
    ['NODE_NOT_FOUND', ['nodeLabel'], 'recordNodeFailed(input: { runId: "run", nodeLabel: "nobody", error: "" })'],
    ['INVALID_JSON', ['outputJson'], 'recordNodeSkipped(input: { runId: "run", nodeLabel: "b", outputJson: "{" })'],
    ['INVALID_JSON', ['inputJson'], 'recordNodeStart(input: { runId: "run", nodeLabel: "b", inputJson: "" })'],
  ])('is refused with %s at %j', async (code, path, mutation) => {
    await using api = await openApi(RUN);
    const { data, codes } = await api.ask(`mutation { outcome: ${mutation} ${OUTCOME} }`);
    expect(data).toEqual({
      outcome: { run: null, node: null, changed: false, userErrors: [{ code, path: ['input', ...path] }] },
    });
    expect(codes).toEqual([]);
  });

  it('points into a list of edges', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(
      `mutation ($label: String!) {
        completeNodeWithEdges(input: {
          runId: "run", nodeLabel: "a", edges: [{ upstreamLabel: "a", downstreamLabel: "b" }, { upstreamLabel: "a", downstreamLabel: $label }]
        }) ${OUTCOME}
      }`,
      { variables: { label: '\ud800' } },
    );
    expect(data).toMatchObject({
      completeNodeWithEdges: {
        node: null,
        userErrors: [{ code: 'INVALID_INPUT', path: ['input', 'edges', '1', 'downstreamLabel'] }],
      },
    });
  });
});

describe('failNodeAndFinishRun', () => {
  it('says once what is wrong for the node and for the run', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`mutation {
      failNodeAndFinishRun(input: { runId: "nobody", nodeLabel: "a", error: "boom" }) ${OUTCOME}
    }`);
    expect(data).toMatchObject({
      failNodeAndFinishRun: {
        run: null,
        node: null,
        userErrors: [{ code: 'RUN_NOT_FOUND', path: ['input', 'runId'] }],
      },
    });
  });

  it('points to the whole input for what it does not have itself: the end of the run', async () => {
    await using api = await openApi([
      ...RUN,
      { type: 'nodeFailed', runId: 'run', nodeLabel: 'a', error: 'boom' },
      { type: 'runFinished', runId: 'run', status: 'cancelled' },
    ]);
    const { data } = await api.ask(`mutation {
      failNodeAndFinishRun(input: { runId: "run", nodeLabel: "a", error: "boom" }) ${OUTCOME}
    }`);
    expect(data).toMatchObject({ failNodeAndFinishRun: { userErrors: [{ code: 'CONFLICT', path: ['input'] }] } });
  });
});
