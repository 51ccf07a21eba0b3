import { type ExecutionArgs, type ExecutionResult, execute as executeAsStandard, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/schema/context.ts';
import { execute } from '../../src/schema/execute.ts';
import { schema } from '../../src/schema/index.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { created, started } from '../support/events.ts';
import { openApi, openAttachedApi, T } from './harness.ts';

describe('an answer', () => {
  it('has what can be told beside what cannot', async () => {
    const events = [created('a'), started('a', 'x'), created('b'), started('b', 'x')];
    await using api = await openAttachedApi(events, "DELETE FROM dag_runs WHERE run_id = 'b'");
    const { data, codes } = await api.ask(`{
      a: dagRun(runId: "a") { node(label: "x") { run { runId } } }
      b: dagRun(runId: "b") { runId }
      nodes(ids: ["WyJOb2RlRXhlY3V0aW9uIiwiYSIsIngiXQ", "WyJOb2RlRXhlY3V0aW9uIiwiYiIsIngiXQ"]) {
        ... on NodeExecution { nodeLabel run { runId } }
      }
    }`);
    expect(data).toEqual({
      a: { node: { run: { runId: 'a' } } },
      b: null,
      nodes: [{ nodeLabel: 'x', run: { runId: 'a' } }, null],
    });
    expect(codes).toEqual(['STORE_CORRUPT']);
  });

  it('may have any name in it', async () => {
    await using api = await openApi([created('a')]);
    const { data } = await api.ask(
      '{ dagRun(runId: "a") { __proto__: runId constructor: status toString: dagNsref } }',
    );
    expect(JSON.stringify(data)).toBe(
      '{"dagRun":{"__proto__":"a","constructor":"RUNNING","toString":"pipelines:daily"}}',
    );
  });

  it('has its fields in the order of the query, however they are merged', async () => {
    await using api = await openApi([created('a'), started('a', 'x')]);
    const { data } = await api.ask(`
      { dagRun(runId: "a") { nodes { status } ...F runId nodes { nodeLabel } } }
      fragment F on DagRun { nodeCounts { total } nodes { isSink } dagNsref }`);
    expect(JSON.stringify(data)).toBe(
      '{"dagRun":{"nodes":[{"status":"RUNNING","isSink":false,"nodeLabel":"x"}],"nodeCounts":{"total":1},"dagNsref":"pipelines:daily","runId":"a"}}',
    );
  });
});

describe('a document that is asked again', () => {
  const document = parse(`query ($runId: ID!, $skip: Boolean!, $with: Boolean = true, $labels: [String!]) {
    dagRun(runId: $runId) {
      runId @skip(if: $skip)
      ... @include(if: $with) { nodes(labels: $labels) { nodeLabel @skip(if: $skip) isSink } }
      one: nodes(labels: ["x"]) { nodeLabel }
    }
  }`);

  it.each([
    { runId: 'a', skip: false },
    { runId: 'b', skip: false },
    { runId: 'a', skip: true },
    { runId: 'a', skip: true, with: true },
    { runId: 'a', skip: false, with: false },
    { runId: 'a', skip: false, with: null },
    { runId: 'a', skip: false, labels: ['y'] },
    { runId: 'a', skip: false, labels: [] },
    { runId: 'a', skip: false, labels: null },
    { runId: 'a' },
  ])('with %j is answered as it would be the first time', async (variableValues) => {
    await using api = await openApi([created('a'), started('a', 'x'), started('a', 'y'), created('b')]);
    const argsOf = () => ({
      schema,
      document,
      variableValues,
      contextValue: createContext({ store: api.store, version: '1' }),
    });
    expect(textOf(await execute(argsOf()))).toBe(textOf(await executeAsStandard(argsOf())));
  });
});

describe('a mutation', () => {
  const labels = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const events = [created('a', { at: T }), ...labels.map((label) => started('a', label, { at: T }))];
  const start = (label: string): string =>
    `recordNodeStart(input: { runId: "a", nodeLabel: "${label}", at: "2023-11-14T23:00:00Z" })`;

  it('shows what it has recorded, with what is inside', async () => {
    await using api = await openApi([created('a')]);
    const { data } = await api.ask(`mutation {
      ${start('x')} { run { nodes { nodeLabel run { runId } } } }
      again: ${start('y')} { run { nodeCounts { total } } }
    }`);
    expect(data).toEqual({
      recordNodeStart: { run: { nodes: [{ nodeLabel: 'x', run: { runId: 'a' } }] } },
      again: { run: { nodeCounts: { total: 2 } } },
    });
  });

  it.each([
    [
      'all of its payload',
      `{ ${start('x')} { changed node { nodeLabel startedAt } run { runId } userErrors { message } } }`,
    ],
    ['nothing new', `{ ${start('n1')} { changed run { nodeCounts { running } } userErrors { code message path } } }`],
    [
      'a refusal',
      '{ finishRun(input: { runId: "a", status: RUNNING }) { changed run { runId } userErrors { code path } } }',
    ],
    [
      'a status that is none',
      '{ finishRun(input: { runId: "a", status: UNKNOWN }) { changed userErrors { code path } } }',
    ],
    ['other names', `{ one: ${start('x')} { __typename is: changed } }`],
    ['nothing but its type', '{ __typename }'],
    [
      'two fields',
      `{ one: ${start('x')} { run { nodeCounts { total } } } two: ${start('y')} { run { nodeCounts { total } } } }`,
    ],
    ['the same field twice', `{ ${start('x')} { changed } ${start('x')} { run { runId } } }`],
    [
      'a fragment',
      `{ ...F } fragment F on Mutation { ${start('x')} { ...P } } fragment P on RecordNodeStartPayload { changed }`,
    ],
    ['what is left out', `{ ${start('x')} @skip(if: true) { changed } }`],
    [
      'what is too much to be read',
      `{ ${start('x')} { changed run { runId nodes { nodeLabel } } userErrors { code } } }`,
    ],
    [
      'too much beside what is not',
      `{ one: ${start('x')} { changed } two: ${start('y')} { run { nodes { nodeLabel } } } }`,
    ],
    ['too much of what has to be there', `{ ${start('x')} { node { run { nodes { nodeLabel } } } } }`],
    ['what nests too deep', `{ ${start('x')} { run ${'{ root '.repeat(12)} { runId } ${'}'.repeat(12)} } }`],
  ])('with %s is answered as the standard executor answers it, and has recorded the same', async (_, mutation) => {
    const limits = mutation.includes('nodes { nodeLabel }') ? { maxRows: 6 } : { maxDepth: 10 };
    const outcomeOf = async (run: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>) => {
      await using api = await openApi(events);
      const contextValue = createContext({ store: api.store, version: '1', limits: { ...DEFAULT_LIMITS, ...limits } });
      const answer = await run({ schema, document: parse(`mutation ${mutation}`), contextValue });
      return { answer: textOf(answer), nodes: await api.store.nodesByRuns(['a'], {}, 100) };
    };
    expect(await outcomeOf(execute)).toEqual(await outcomeOf(executeAsStandard));
  });

  it('is recorded once, and says so, though not all that it shows can be told', async () => {
    await using api = await openApi(events);
    const { data, codes, calls } = await api.ask(`mutation { ${start('x')} { changed run { nodes { nodeLabel } } } }`, {
      limits: { maxRows: 5 },
    });
    expect(data).toEqual({ recordNodeStart: { changed: true, run: null } });
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(calls.filter((call) => call === 'record')).toHaveLength(1);
  });
});

/** All of it, in its order. */
function textOf({ data, errors }: ExecutionResult): string {
  return JSON.stringify({ data, errors });
}
