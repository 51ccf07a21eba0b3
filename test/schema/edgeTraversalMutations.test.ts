import { expect, it } from 'vitest';
import { completed, created, started } from '../support/events.ts';
import { openApi } from './harness.ts';

const RUN = [created('run'), started('run', 'a'), completed('run', 'a')];

it('records that data went along an edge, and nothing the second time', async () => {
  await using api = await openApi(RUN);
  const traverse = `mutation {
    recordEdgeTraversal(input: { runId: "run", upstreamLabel: "a", downstreamLabel: "b", at: "2023-11-14T22:13:20Z" }) {
      run { edges { upstreamLabel downstreamLabel traversedAt } } changed userErrors { code }
    }
  }`;
  const run = { edges: [{ upstreamLabel: 'a', downstreamLabel: 'b', traversedAt: '2023-11-14T22:13:20.000000Z' }] };
  expect((await api.ask(traverse)).data).toEqual({ recordEdgeTraversal: { run, changed: true, userErrors: [] } });
  expect((await api.ask(traverse)).data).toEqual({ recordEdgeTraversal: { run, changed: false, userErrors: [] } });
});

it('refuses an edge of a run or out of a node that is not there', async () => {
  await using api = await openApi(RUN);
  const { data } = await api.ask(`mutation {
    run: recordEdgeTraversal(input: { runId: "nobody", upstreamLabel: "a", downstreamLabel: "b" }) { run { runId } userErrors { code path } }
    node: recordEdgeTraversal(input: { runId: "run", upstreamLabel: "nobody", downstreamLabel: "b" }) { run { runId } userErrors { code path } }
  }`);
  expect(data).toEqual({
    run: { run: null, userErrors: [{ code: 'RUN_NOT_FOUND', path: ['input', 'runId'] }] },
    node: { run: null, userErrors: [{ code: 'NODE_NOT_FOUND', path: ['input', 'upstreamLabel'] }] },
  });
});
