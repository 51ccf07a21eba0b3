import { expect, it } from 'vitest';
import { created } from '../support/events.ts';
import { openApi } from './harness.ts';

const RECORD = `mutation ($events: [RunEventInput!]!) {
  recordEvents(input: { events: $events }) { recorded unchanged userErrors { code message path } }
}`;

/** Every kind of event: a run from its start to its end, with a pause, a replayed node, and a sub-run that fails. */
const EVENTS = [
  { runCreated: { runId: 'run', dagNsref: 'd', sourceInputsJson: '{"a": 1}' } },
  { nodeSkipped: { runId: 'run', nodeLabel: 'reused', outputJson: '1' } },
  { edgeTraversed: { runId: 'run', upstreamLabel: 'reused', downstreamLabel: 'map' } },
  { nodeStarted: { runId: 'run', nodeLabel: 'map', inputJson: '1', isSink: true } },
  { runCreated: { runId: 'sub', dagNsref: 'd/map[0]', parentRunId: 'run' } },
  { nodeStarted: { runId: 'sub', nodeLabel: 'leaf' } },
  { nodeFailed: { runId: 'sub', nodeLabel: 'leaf', error: 'boom' } },
  { runFinished: { runId: 'sub', status: 'FAILED' } },
  {
    nodeCompleted: {
      runId: 'run',
      nodeLabel: 'map',
      outputJson: '2',
      edges: [{ upstreamLabel: 'map', downstreamLabel: 'end' }],
    },
  },
  { runStatusChanged: { runId: 'run', status: 'PAUSED' } },
];

it('records events of every kind in one go', async () => {
  await using api = await openApi();
  const { data, calls } = await api.ask(RECORD, { variables: { events: EVENTS } });
  expect(data).toEqual({ recordEvents: { recorded: 10, unchanged: 0, userErrors: [] } });
  expect(calls).toEqual(['record']);
  const written = await api.ask(`{
    dagRun(runId: "run") {
      status edges { upstreamLabel downstreamLabel }
      nodes { nodeLabel status isSink io { inputJson outputJson } subDags { run { status nodes { status error } } } }
    }
  }`);
  expect(written.data).toEqual({
    dagRun: {
      status: 'PAUSED',
      edges: [
        { upstreamLabel: 'reused', downstreamLabel: 'map' },
        { upstreamLabel: 'map', downstreamLabel: 'end' },
      ],
      nodes: [
        {
          nodeLabel: 'reused',
          status: 'SKIPPED',
          isSink: false,
          io: { inputJson: null, outputJson: '1' },
          subDags: [],
        },
        {
          nodeLabel: 'map',
          status: 'COMPLETED',
          isSink: true,
          io: { inputJson: '1', outputJson: '2' },
          subDags: [{ run: { status: 'FAILED', nodes: [{ status: 'FAILED', error: 'boom' }] } }],
        },
      ],
    },
  });
});

it('counts what was recorded before as unchanged', async () => {
  await using api = await openApi();
  await api.ask(RECORD, { variables: { events: EVENTS.slice(0, 4) } });
  const { data } = await api.ask(RECORD, { variables: { events: EVENTS } });
  expect(data).toEqual({ recordEvents: { recorded: 6, unchanged: 4, userErrors: [] } });
});

it('records nothing of a batch that is refused, and says which events are at fault and where', async () => {
  await using api = await openApi([created('run')]);
  const events = [
    { nodeStarted: { runId: 'run', nodeLabel: 'a' } },
    { nodeCompleted: { runId: 'run', nodeLabel: 'nobody', edges: [] } },
    { runFinished: { runId: 'nobody', status: 'COMPLETED' } },
    { nodeCompleted: { runId: 'run', nodeLabel: 'a', outputJson: '{', edges: [] } },
  ];
  const { data, codes } = await api.ask<{ recordEvents: { userErrors: { message: string }[] } }>(RECORD, {
    variables: { events },
  });
  expect(codes).toEqual([]);
  expect(data).toMatchObject({
    recordEvents: {
      recorded: 0,
      unchanged: 0,
      userErrors: [
        { code: 'NODE_NOT_FOUND', path: ['input', 'events', '1', 'nodeCompleted', 'nodeLabel'] },
        { code: 'RUN_NOT_FOUND', path: ['input', 'events', '2', 'runFinished', 'runId'] },
        { code: 'INVALID_JSON', path: ['input', 'events', '3', 'nodeCompleted', 'outputJson'] },
      ],
    },
  });
  expect(data.recordEvents.userErrors.every(({ message }) => message.length > 10)).toBe(true);
  expect((await api.ask('{ dagRun(runId: "run") { nodes { nodeLabel } } }')).data).toEqual({ dagRun: { nodes: [] } });
});

it('refuses a status that only stands for stored words', async () => {
  await using api = await openApi([created('run')]);
  const events = [
    { nodeStarted: { runId: 'run', nodeLabel: 'a' } },
    { runFinished: { runId: 'run', status: 'UNKNOWN' } },
  ];
  const { data, calls } = await api.ask(RECORD, { variables: { events } });
  expect(data).toMatchObject({
    recordEvents: {
      recorded: 0,
      userErrors: [{ code: 'INVALID_INPUT', path: ['input', 'events', '1', 'runFinished', 'status'] }],
    },
  });
  expect(calls).toEqual([]);
});

it('has nothing to do for no events', async () => {
  await using api = await openApi();
  const { data } = await api.ask(RECORD, { variables: { events: [] } });
  expect(data).toEqual({ recordEvents: { recorded: 0, unchanged: 0, userErrors: [] } });
});
