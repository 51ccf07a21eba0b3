import { expect, it } from 'vitest';
import { completed, created, started, traversed } from '../support/events.ts';
import { openApi, T } from './harness.ts';

const EDGES = [
  created('run', { at: T }),
  started('run', 'a', { at: T }),
  completed('run', 'a', { at: T + 1 }),
  started('run', 'b', { at: T + 2 }),
  completed('run', 'b', { at: T + 3 }),
  traversed('run', 'a', 'c', { at: T + 5 }),
  traversed('run', 'a', 'b', { at: T + 1 }),
  traversed('run', 'b', 'c', { at: T + 3 }),
];

it('shows the edges of a run in order of traversal, with the nodes at both ends', async () => {
  await using api = await openApi(EDGES);
  const { data } = await api.ask(`{
    dagRun(runId: "run") {
      edges { upstreamLabel downstreamLabel traversedAt run { runId } upstream { status } downstream { nodeLabel } }
    }
  }`);
  expect(data).toEqual({
    dagRun: {
      edges: [
        {
          upstreamLabel: 'a',
          downstreamLabel: 'b',
          traversedAt: '2023-11-14T22:13:21.000000Z',
          run: { runId: 'run' },
          upstream: { status: 'COMPLETED' },
          downstream: { nodeLabel: 'b' },
        },
        {
          upstreamLabel: 'b',
          downstreamLabel: 'c',
          traversedAt: '2023-11-14T22:13:23.000000Z',
          run: { runId: 'run' },
          upstream: { status: 'COMPLETED' },
          downstream: null,
        },
        {
          upstreamLabel: 'a',
          downstreamLabel: 'c',
          traversedAt: '2023-11-14T22:13:25.000000Z',
          run: { runId: 'run' },
          upstream: { status: 'COMPLETED' },
          downstream: null,
        },
      ],
    },
  });
});

it('shows the edges out of a node', async () => {
  await using api = await openApi(EDGES);
  const { data } = await api.ask('{ dagRun(runId: "run") { nodes { nodeLabel edges { downstreamLabel } } } }');
  expect(data).toEqual({
    dagRun: {
      nodes: [
        { nodeLabel: 'a', edges: [{ downstreamLabel: 'b' }, { downstreamLabel: 'c' }] },
        { nodeLabel: 'b', edges: [{ downstreamLabel: 'c' }] },
      ],
    },
  });
});

it('is an empty list where no data went along', async () => {
  await using api = await openApi([created('run'), started('run', 'a')]);
  const { data } = await api.ask(
    '{ dagRun(runId: "run") { edges { upstreamLabel } nodes { edges { upstreamLabel } } } }',
  );
  expect(data).toEqual({ dagRun: { edges: [], nodes: [{ edges: [] }] } });
});
