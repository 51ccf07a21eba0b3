import { describe, expect, it } from 'vitest';
import { completed, created, finished, started } from '../support/events.ts';
import { openApi } from './harness.ts';

const PYTHON = '{"nan": NaN, "big": 12345678901234567890}';
const RUN = [
  created('run', { sourceInputsJson: '{ "day" : "2026-11-22" }' }),
  started('run', 'plain', { inputJson: '[1, 2.50, "ü"]' }),
  completed('run', 'plain', { outputJson: '{"__proto__": null}' }),
  started('run', 'python', { inputJson: PYTHON }),
  completed('run', 'python', { outputJson: '{"a": 1, "a": 2}' }),
  started('run', 'null', { inputJson: 'null' }),
  started('run', 'nothing'),
  finished('run', { sinkOutputsJson: '"done"' }),
];

const ALL = '{ inputJson outputJson input output inputBytes outputBytes unparsable }';

describe('a payload', () => {
  it('of a run is its source inputs and sink outputs, as text to the letter and parsed', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`{ dagRun(runId: "run") { io ${ALL} } }`);
    expect(data).toEqual({
      dagRun: {
        io: {
          inputJson: '{ "day" : "2026-11-22" }',
          outputJson: '"done"',
          input: { day: '2026-11-22' },
          output: 'done',
          inputBytes: 24,
          outputBytes: 6,
          unparsable: null,
        },
      },
    });
  });

  it('of a node is its input and its output', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`{ dagRun(runId: "run") { node(label: "plain") { io ${ALL} } } }`);
    expect(data).toMatchObject({
      dagRun: {
        node: {
          io: {
            inputJson: '[1, 2.50, "ü"]',
            outputJson: '{"__proto__": null}',
            input: [1, 2.5, 'ü'],
            inputBytes: 15,
            outputBytes: 19,
            unparsable: null,
          },
        },
      },
    });
    expect(JSON.stringify(data)).toContain('"output":{"__proto__":null}');
  });

  it('is null where nothing was recorded', async () => {
    await using api = await openApi([...RUN, created('bare')]);
    const { data } = await api.ask(`{
      dagRun(runId: "run") { node(label: "nothing") { io ${ALL} } }
      bare: dagRun(runId: "bare") { io { outputJson output outputBytes } }
    }`);
    expect(data).toEqual({
      dagRun: {
        node: {
          io: {
            inputJson: null,
            outputJson: null,
            input: null,
            output: null,
            inputBytes: null,
            outputBytes: null,
            unparsable: null,
          },
        },
      },
      bare: { io: { outputJson: null, output: null, outputBytes: null } },
    });
  });

  it('that is the value null differs by its text from none', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(
      `{ dagRun(runId: "run") { node(label: "null") { io { inputJson input inputBytes unparsable } } } }`,
    );
    expect(data).toEqual({
      dagRun: { node: { io: { inputJson: 'null', input: null, inputBytes: 4, unparsable: null } } },
    });
  });

  it('that JavaScript cannot hold is kept as text, and unparsable says why', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask<{ dagRun: { node: { io: { unparsable: string } } } }>(
      `{ dagRun(runId: "run") { node(label: "python") { io { inputJson input output unparsable } } } }`,
    );
    expect(data).toMatchObject({ dagRun: { node: { io: { inputJson: PYTHON, input: null, output: null } } } });
    expect(data.dagRun.node.io.unparsable).toMatch(/^input: .*NaN.*; output: .*"a"/);
  });
});

describe('the store', () => {
  it('is not asked for payloads unless one of their fields is selected', async () => {
    await using api = await openApi(RUN);
    const { calls } = await api.ask(`{
      dagRun(runId: "run") { runId io { __typename } nodes { nodeLabel error io { __typename } } edges { upstreamLabel } nodeCounts { total } }
    }`);
    expect(calls.filter((call) => call.includes('Payload'))).toEqual([]);
  });

  it('is asked for sizes alone where only sizes are selected', async () => {
    await using api = await openApi(RUN);
    const { calls } = await api.ask(`{
      dagRun(runId: "run") { io { inputBytes outputBytes } nodes { io { inputBytes outputBytes } } }
    }`);
    expect(calls.filter((call) => call.includes('Payload'))).toEqual(['runPayloadSizes', 'nodePayloadSizes']);
  });

  it('is asked once for the payloads of many nodes', async () => {
    await using api = await openApi(RUN);
    const { calls } = await api.ask(
      '{ dagRun(runId: "run") { nodes { io { inputJson outputJson input output unparsable } } } }',
    );
    expect(calls).toEqual(['runsByIds', 'nodesByRuns', 'nodePayloads']);
  });

  it('is asked for large payloads after those that are small, and after it was asked how large they are', async () => {
    const large = JSON.stringify('x'.repeat(3_000_000));
    const labels = ['large', 'larger', 'largest'];
    await using api = await openApi([
      created('run'),
      started('run', 'small', { inputJson: PYTHON }),
      ...labels.map((label) => started('run', label, { inputJson: large })),
    ]);
    const { data, calls } = await api.ask<{ dagRun: { nodes: { nodeLabel: string; io: { inputJson: string } }[] } }>(
      '{ dagRun(runId: "run") { nodes { nodeLabel io { inputJson } } } }',
    );
    const texts = new Map(data.dagRun.nodes.map(({ nodeLabel, io }) => [nodeLabel, io.inputJson]));
    expect(labels.every((label) => texts.get(label) === large)).toBe(true);
    expect(texts.get('small')).toBe(PYTHON);
    expect(calls.slice(2)).toEqual(['nodePayloads', 'nodePayloadSizes', ...Array(3).fill('nodePayloads')]);
  });
});
