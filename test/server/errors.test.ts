import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { NESTED_RUN, overriding, serveForTest } from './harness.ts';

const QUERY = { query: 'query Newest { dagRuns { nodes { runId } } }' };

describe('An error that nobody expected', () => {
  const failing = (store: Store) =>
    overriding(store, {
      runPage() {
        throw new TypeError('the password is swordfish');
      },
    });

  it('is shown as a number, under which all of it is in the log', async () => {
    await using harness = await serveForTest({ wrap: failing });
    const answer = await harness.ask(QUERY);
    expect(answer).toMatchObject({ status: 200, data: null, codes: ['INTERNAL'] });
    const id = /^Internal error ([0-9a-f]{12})\. The log of the server says more under this number\.$/.exec(
      answer.messages[0] ?? '',
    )?.[1];
    const logged = harness.log.filter((line) => line.errorId === id);
    expect(logged).toMatchObject([
      {
        level: 50,
        operation: 'Newest',
        path: 'dagRuns',
        err: { type: 'TypeError', message: 'the password is swordfish', stack: expect.any(String) },
      },
    ]);
  });

  it('is logged once, though many fields share it', async () => {
    const wrap = (store: Store) =>
      overriding(store, {
        nodesByRuns() {
          throw new TypeError('broken');
        },
      });
    await using harness = await serveForTest({ wrap });
    await harness.store.record(NESTED_RUN);
    const filter = '(filter: { includeSubRuns: true })';
    const answer = await harness.ask({ query: `{ dagRuns${filter} { edges { node { nodes { nodeLabel } } } } }` });
    expect(new Set(answer.codes)).toEqual(new Set(['INTERNAL']));
    expect(harness.log.filter((line) => line.errorId)).toHaveLength(1);
  });
});

describe('An error that clients may see', () => {
  it('keeps its message and its code if it is a fault', async () => {
    const wrap = (store: Store) =>
      overriding(store, {
        runPage() {
          throw new Fault('STORE_CORRUPT', 'runs.db is damaged: restore a backup.');
        },
      });
    await using harness = await serveForTest({ wrap });
    const answer = await harness.ask(QUERY);
    expect(answer).toMatchObject({
      status: 200,
      codes: ['STORE_CORRUPT'],
      messages: ['runs.db is damaged: restore a backup.'],
    });
  });

  const modern = { accept: 'application/graphql-response+json' };
  it.each([
    ['syntax', { query: '{ dagRuns' }],
    ['an unknown field', { query: '{ nothing }' }],
    [
      'a variable of the wrong type',
      { query: 'query ($first: Int!) { dagRuns(first: $first) { nodes { runId } } }', variables: { first: 'x' } },
    ],
    ['an operation that is not there', { query: 'query A { __typename }', operationName: 'B' }],
    ['no operation', { query: 'fragment F on DagRun { runId }' }],
    ['no query', { variables: {} }],
    ['a parameter too many', { query: '{ __typename }', doc_id: 'x' }],
    ['an operation name that is none', { query: '{ __typename }', operationName: 1 }],
  ])('is BAD_REQUEST for %s', async (_what, body) => {
    await using harness = await serveForTest();
    const answer = await harness.ask(body, modern);
    expect(answer).toMatchObject({ status: 400, data: undefined });
    expect(new Set(answer.codes)).toEqual(new Set(['BAD_REQUEST']));
    expect(harness.log.filter((line) => line.level > 30)).toEqual([]);
  });
});
