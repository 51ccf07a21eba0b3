import { describe, expect, it } from 'vitest';
import { created, started } from '../support/events.ts';
import { openApi, openAttachedApi } from './harness.ts';

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

  it('of a mutation shows what it has recorded, with what is inside', async () => {
    await using api = await openApi([created('a')]);
    const { data } = await api.ask(`mutation {
      recordNodeStart(input: { runId: "a", nodeLabel: "x" }) { run { nodes { nodeLabel run { runId } } } }
      again: recordNodeStart(input: { runId: "a", nodeLabel: "y" }) { run { nodeCounts { total } } }
    }`);
    expect(data).toEqual({
      recordNodeStart: { run: { nodes: [{ nodeLabel: 'x', run: { runId: 'a' } }] } },
      again: { run: { nodeCounts: { total: 2 } } },
    });
  });
});
