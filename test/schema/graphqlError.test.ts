import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { FAULT_CODES, Fault } from '../../src/errors.ts';
import { toGraphQLError } from '../../src/schema/graphqlError.ts';
import { created, started } from '../support/events.ts';
import { openApi, openAttachedApi } from './harness.ts';

describe('an error for clients', () => {
  it.each(FAULT_CODES)('has the code of its fault: %s', (code) => {
    const fault = new Fault(code, 'Do this.');
    const located = new GraphQLError('Do this.', { originalError: fault, path: ['dagRun'], extensions: { more: 1 } });
    const deep = new GraphQLError('At the variable: do this.', { originalError: located });
    expect(toGraphQLError(fault)?.toJSON()).toEqual({ message: 'Do this.', extensions: { code } });
    expect(toGraphQLError(located)?.toJSON()).toEqual({
      message: 'Do this.',
      path: ['dagRun'],
      extensions: { more: 1, code },
    });
    expect(toGraphQLError(deep)).toMatchObject({ message: 'At the variable: do this.', extensions: { code } });
  });

  it('is none if something went wrong inside', () => {
    const bug = new TypeError('x is not a function');
    expect(toGraphQLError(bug)).toBeUndefined();
    expect(toGraphQLError('thrown text')).toBeUndefined();
    expect(toGraphQLError(new GraphQLError(bug.message, { originalError: bug, path: ['dagRun'] }))).toBeUndefined();
  });

  it.each([
    ['syntax', '{ dagRun('],
    ['a field that is not there', '{ dagRun(runId: "run") { nope } }'],
    ['an argument that is missing', '{ dagRun { runId } }'],
    ['an argument of another type', '{ dagRuns(first: "many") { nodes { runId } } }'],
    ['a number beyond 32 bits', '{ dagRuns(first: 2147483648) { nodes { runId } } }'],
    ['a status that is none', '{ dagRuns(filter: { statuses: [ACTIVE] }) { nodes { runId } } }'],
    ['a variable that is missing', 'query ($id: ID!) { dagRun(runId: $id) { runId } }'],
    ['a fragment inside itself', '{ dagRun(runId: "run") { ...F } } fragment F on DagRun { parent { ...F } }'],
    [
      'an event that is two',
      'mutation { recordEvents(input: { events: [{ runFinished: { runId: "a", status: FAILED }, runCreated: { runId: "a", dagNsref: "d" } }] }) { recorded } }',
    ],
    ['an event that is none', 'mutation { recordEvents(input: { events: [{}] }) { recorded } }'],
  ])('says BAD_REQUEST where the request is wrong: %s', async (_, query) => {
    await using api = await openApi();
    const { codes, calls } = await api.ask(query);
    expect(new Set(codes)).toEqual(new Set(['BAD_REQUEST']));
    expect(calls).toEqual([]);
  });

  it('says READ_ONLY_STORE where a store cannot be written', async () => {
    await using api = await openAttachedApi([created('run')]);
    const { data, codes } = await api.ask('mutation { createRun(input: { runId: "new", dagNsref: "d" }) { changed } }');
    expect(data).toBeNull();
    expect(codes).toEqual(['READ_ONLY_STORE']);
  });

  it('says STORE_CORRUPT where a node has no run', async () => {
    await using api = await openAttachedApi([created('run'), started('run', 'a')]);
    const { data } = await api.ask<{ dagRun: { node: { id: string } } }>(
      '{ dagRun(runId: "run") { node(label: "a") { id } } }',
    );
    await using orphaned = await openAttachedApi([created('run'), started('run', 'a')], 'DELETE FROM dag_runs');
    const { id } = data.dagRun.node;
    const node = 'query ($id: ID!) { node(id: $id) { ... on NodeExecution { nodeLabel } } }';
    expect((await orphaned.ask(node, { variables: { id } })).data).toEqual({ node: { nodeLabel: 'a' } });
    const withRun = 'query ($id: ID!) { node(id: $id) { ... on NodeExecution { run { runId } } } }';
    expect((await orphaned.ask(withRun, { variables: { id } })).codes).toEqual(['STORE_CORRUPT']);
  });
});
