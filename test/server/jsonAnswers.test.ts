import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type Harness, NESTED_RUN, overriding, send, serveForTest } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest();
  await harness.store.record(NESTED_RUN);
});
afterAll(() => harness[Symbol.asyncDispose]());

const QUERY = { query: '{ dagRuns { nodes { runId } } }' };
const DATA = { dagRuns: { nodes: [{ runId: 'run-1' }] } };
const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

describe('The answer to a query', () => {
  it('says how long it is', async () => {
    const { headers } = await harness.ask(QUERY);
    expect(headers.get('content-length')).toBe(String(JSON.stringify({ data: DATA }).length));
    expect(headers.get('transfer-encoding')).toBeNull();
  });

  it.each([
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON; q=0.5', JSON_TYPE],
    ['application/graphql-response+json', GRAPHQL_TYPE],
    ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
    ['application/json, application/graphql-response+json', JSON_TYPE],
    ['multipart/mixed, application/graphql-response+json, application/json', GRAPHQL_TYPE],
    ['application/graphql-response+json, application/json, text/event-stream, multipart/mixed', GRAPHQL_TYPE],
    ['application/json; charset=utf-8', JSON_TYPE],
  ])('is to those who accept %s of the type %s', async (accept, type) => {
    const answer = await harness.ask(QUERY, { accept });
    expect(answer).toMatchObject({ status: 200, data: DATA });
    expect(answer.headers.get('content-type')).toBe(type);
  });

  it.each(['text/html', 'application/json; charset=latin1'])('is refused to those who accept %s', async (accept) => {
    expect(await harness.ask(QUERY, { accept })).toMatchObject({ status: 406 });
  });

  it('to a wrong time in the document says what is wrong', async () => {
    const query = '{ dagRuns(filter: { startedAfter: "yesterday" }) { nodes { runId } } }';
    expect(await harness.ask({ query })).toMatchObject({ codes: ['BAD_REQUEST'] });
  });

  it('is the same over GET', async () => {
    const path = `/graphql?query=${encodeURIComponent(QUERY.query)}`;
    expect(await send(harness.port, { path })).toMatchObject({ status: 200, data: DATA });
  });

  it('holds what can be told, and errors for the rest', async () => {
    const wrap = (store: Store) =>
      overriding(store, {
        latestUpdates() {
          throw new TypeError('broken');
        },
      });
    await using broken = await serveForTest({ wrap });
    await broken.store.record(NESTED_RUN);
    const query = '{ newest: dagRuns { nodes { runId } } one: dagRun(runId: "run-1") { latestUpdate } }';
    const answer = await broken.ask({ query });
    expect(answer).toMatchObject({ status: 200, codes: ['INTERNAL'] });
    expect(answer.data).toEqual({ newest: DATA.dagRuns, one: null });
  });
});

it('A query in a large body is not run for a client that goes while that is parsed', async () => {
  let pages = 0;
  const wrap = (store: Store) =>
    overriding(store, {
      runPage() {
        pages++;
        return [];
      },
    });
  await using counting = await serveForTest({ wrap });
  const body = JSON.stringify({ ...QUERY, variables: { texts: Array(400_000).fill('a text') } });
  const socket = connect(counting.port, '127.0.0.1');
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  await new Promise((resolve) => socket.write(head + body, resolve));
  socket.destroy();
  await vi.waitFor(() => expect(counting.log).toMatchObject([{ msg: 'request', disconnected: true }]));
  await wait(500);
  expect(pages).toBe(0);
  expect(await counting.ask(QUERY)).toMatchObject({ status: 200 });
  expect(pages).toBe(1);
});

describe('The answer to a query that takes more than the limits allow', () => {
  it.each([JSON_TYPE, GRAPHQL_TYPE])('is an error and no data, with the status of an answer, in %s', async (type) => {
    await using limited = await serveForTest({ config: { maxRows: 1 } });
    await limited.store.record(NESTED_RUN);
    const accept = type.replace(/;.*/, '');
    const answer = await limited.ask({ query: '{ dagRun(runId: "run-1") { nodes { nodeLabel } } }' }, { accept });
    expect(answer).toMatchObject({ status: 200, data: null, codes: ['LIMIT_EXCEEDED'] });
    expect(answer.headers.get('content-type')).toBe(type);
  });
});

describe('A mutation', () => {
  const query = 'mutation { createRun(input: { runId: "run-2", dagNsref: "a:b" }) { changed } }';

  it('is refused over GET, and nothing is recorded', async () => {
    const answer = await send(harness.port, { path: `/graphql?query=${encodeURIComponent(query)}` });
    expect(answer).toMatchObject({ status: 405, codes: ['BAD_REQUEST'] });
    expect(answer.headers.get('allow')).toBe('POST');
    expect(await harness.store.runsByIds(['run-2'])).toEqual([]);
  });

  it.each([
    ['a parameter that requests do not have', { doc_id: 'x' }],
    ['variables that are none', { variables: [1] }],
    ['extensions that are none', { extensions: 'x' }],
  ])('is not run with %s', async (_what, more) => {
    expect(await harness.ask({ query, ...more })).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
    expect(await harness.store.runsByIds(['run-2'])).toEqual([]);
  });
});
