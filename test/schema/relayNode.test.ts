import { describe, expect, it } from 'vitest';
import { toOpaque } from '../../src/schema/opaque.ts';
import { created, started } from '../support/events.ts';
import { type Api, openApi } from './harness.ts';

const LABELS = ['load', '', '__proto__', 'a/b', 'DagRun'];
const RUN = [created('run'), ...LABELS.map((label) => started('run', label))];

interface Ids {
  readonly dagRun: { readonly id: string; readonly nodes: { readonly id: string; readonly nodeLabel: string }[] };
}

async function ids(api: Api): Promise<Ids['dagRun']> {
  const { data } = await api.ask<Ids>('{ dagRun(runId: "run") { id nodes { id nodeLabel } } }');
  return data.dagRun;
}

const NODE =
  'query ($id: ID!) { node(id: $id) { __typename id ... on DagRun { runId } ... on NodeExecution { nodeLabel } } }';
const NODES =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on DagRun { runId } ... on NodeExecution { nodeLabel } } }';

describe('a global id', () => {
  it('leads back to its run', async () => {
    await using api = await openApi(RUN);
    const { id } = await ids(api);
    const { data } = await api.ask(NODE, { variables: { id } });
    expect(data).toEqual({ node: { __typename: 'DagRun', id, runId: 'run' } });
  });

  it('leads back to its node, whatever its label', async () => {
    await using api = await openApi(RUN);
    for (const { id, nodeLabel } of (await ids(api)).nodes) {
      const { data } = await api.ask(NODE, { variables: { id } });
      expect(data).toEqual({ node: { __typename: 'NodeExecution', id, nodeLabel } });
    }
  });

  it('may be looked up with others, which come in the order asked for, null for each that is not there', async () => {
    await using api = await openApi(RUN);
    const { id, nodes } = await ids(api);
    const nobody = toOpaque(['NodeExecution', 'run', 'nobody']);
    const { data, calls } = await api.ask(NODES, { variables: { ids: [nodes[0]?.id, nobody, id, nodes[1]?.id, id] } });
    expect(data).toEqual({
      nodes: [
        { __typename: 'NodeExecution', nodeLabel: nodes[0]?.nodeLabel },
        null,
        { __typename: 'DagRun', runId: 'run' },
        { __typename: 'NodeExecution', nodeLabel: nodes[1]?.nodeLabel },
        { __typename: 'DagRun', runId: 'run' },
      ],
    });
    expect(calls.toSorted()).toEqual(['nodesByKeys', 'runsByIds']);
  });

  it('of a run that is not there is null', async () => {
    await using api = await openApi(RUN);
    const { data, codes } = await api.ask(NODE, { variables: { id: toOpaque(['DagRun', 'nobody']) } });
    expect(data).toEqual({ node: null });
    expect(codes).toEqual([]);
  });

  it.each([
    ['a runId', 'run'],
    ['nothing', ''],
    ['a number', 5],
    ['another type', toOpaque(['EdgeTraversal', 'run', 'a', 'b'])],
    ['a node without label', toOpaque(['NodeExecution', 'run'])],
    ['a number for a run', toOpaque(['DagRun', 7])],
    ['something added', `${toOpaque(['DagRun', 'run'])}=`],
    ['JSON that is no list', Buffer.from('{"a":1}').toString('base64url')],
  ])('that is %s is refused', async (_, id) => {
    await using api = await openApi(RUN);
    expect((await api.ask(NODE, { variables: { id } })).codes).toEqual(['BAD_REQUEST']);
    expect((await api.ask(NODES, { variables: { ids: [id] } })).codes).toEqual(['BAD_REQUEST']);
  });

  it('comes with at most 1,000 others', async () => {
    await using api = await openApi(RUN);
    const { id } = await ids(api);
    expect((await api.ask(NODES, { variables: { ids: Array(1_000).fill(id) } })).codes).toEqual([]);
    expect((await api.ask(NODES, { variables: { ids: Array(1_001).fill(id) } })).codes).toEqual(['BAD_REQUEST']);
  });
});
