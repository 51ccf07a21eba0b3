import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Client, fetchExchange } from '@urql/core';
import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { EventStreams } from '../../src/server/eventStreams.ts';
import { completed, finished } from '../support/events.ts';
import { type Harness, send } from './harness.ts';
import { type Change, eventually, FOLLOW, serveRun, watched } from './live.ts';

const HEADERS = { 'content-type': 'application/json', accept: 'text/event-stream' };

/** Follows the run in the plainest way. */
function follow({ server }: Harness, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ query: FOLLOW });
  return fetch(server.url, { method: 'POST', headers: { ...HEADERS, ...headers }, body });
}

/** The names of the events in a stream; a comment is shown as a colon. */
function eventsIn(text: string): string[] {
  const messages = text.split('\n\n').slice(0, -1);
  return messages.map((message) => /^event: (\w+)\ndata:/.exec(message)?.[1] ?? message);
}

/** Events of a store that takes its time. */
async function* readLate(res: ServerResponse): AsyncGenerator<ExecutionResult> {
  await once(res, 'close');
  yield { data: {} };
}

describe('An event stream', () => {
  it('is not to be kept, compressed or gathered by anyone on its way', async () => {
    await using harness = await serveRun();
    await harness.store.record([finished('run')]);
    const response = await follow(harness, { 'accept-encoding': 'gzip, br' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(eventsIn(await response.text())).toEqual([':', 'next', 'complete']);
  });

  it('shows that it is alive while there is no news', async () => {
    await using harness = await serveRun({ config: { keepAliveMs: 20 } });
    const response = await follow(harness);
    setTimeout(() => harness.store.record([finished('run')]), 300);
    const events = eventsIn(await response.text());
    expect(events.slice(0, 5)).toEqual([':', 'next', ':', ':', ':']);
    expect(events.slice(-2)).toEqual(['next', 'complete']);
  });

  it('is over for a client who is gone before the first event was read', async () => {
    const streams = new EventStreams(60_000);
    const sent = Promise.withResolvers<void>();
    const server = createServer((_, res) => {
      streams.send(res, readLate(res)).then(sent.resolve, sent.reject);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`);
    await response.body?.cancel();
    await sent.promise;
    server.close();
  });

  it('lets its connection be used again when it has ended', async () => {
    await using harness = await serveRun();
    await harness.store.record([finished('run')]);
    const body = JSON.stringify({ query: FOLLOW });
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const socket = connect(harness.port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    for (const times of [1, 2, 3]) {
      socket.write(head + body);
      await eventually(() => expect(received.split('event: complete\n')).toHaveLength(times + 1));
    }
    socket.destroy();
  });

  it('can be had by GET, as a browser by itself asks for it', async () => {
    await using harness = await serveRun();
    await harness.store.record([finished('run')]);
    const url = `${harness.server.url}?${new URLSearchParams({ query: FOLLOW })}`;
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
    expect(eventsIn(await response.text())).toEqual([':', 'next', 'complete']);
  });

  it('answers queries and mutations too, if clients take nothing else', async () => {
    await using harness = await serveRun();
    const ask = async (query: string) => {
      const response = await fetch(harness.server.url, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(200);
      return response.text();
    };
    const said = (result: unknown) => `:\n\nevent: next\ndata: ${JSON.stringify(result)}\n\nevent: complete\ndata:\n\n`;
    expect(await ask('{ dagRun(runId: "run") { status } }')).toBe(said({ data: { dagRun: { status: 'RUNNING' } } }));
    const mutation = 'mutation { createRun(input: { runId: "r2", dagNsref: "d" }) { changed } }';
    expect(await ask(mutation)).toBe(said({ data: { createRun: { changed: true } } }));
    expect(await ask('{ nothing }')).toContain('"code":"BAD_REQUEST"');
  });

  it('lets no mutation come by GET', async () => {
    await using harness = await serveRun();
    const query = 'mutation { createRun(input: { runId: "r2", dagNsref: "d" }) { changed } }';
    const url = `${harness.server.url}?${new URLSearchParams({ query })}`;
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
    expect(await response.text()).toContain('"code":"BAD_REQUEST"');
    expect(await harness.store.runsByIds(['r2'])).toEqual([]);
  });

  it('is what a subscription needs, and who does not take it is told so', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const answer = await harness.ask({ query: FOLLOW }, { accept: 'application/json' });
    expect(answer).toMatchObject({ status: 406, codes: ['BAD_REQUEST'] });
    expect(answer.messages[0]).toContain('Accept: text/event-stream');
    expect(listening()).toBe(0);
  });

  it('leaves other answers as they are, where a client takes both', async () => {
    await using harness = await serveRun();
    const accept = 'application/json, text/event-stream';
    const answer = await harness.ask({ query: '{ dagRun(runId: "run") { status } }' }, { accept });
    expect(answer).toMatchObject({ status: 200, data: { dagRun: { status: 'RUNNING' } } });
  });

  it('is logged as one request, when it is over', async () => {
    await using harness = await serveRun();
    const response = await follow(harness);
    await response.body?.cancel();
    await eventually(() =>
      expect(harness.log).toMatchObject([{ msg: 'request', operation: 'Follow', status: 200, disconnected: true }]),
    );
  });
});

describe('urql', () => {
  it('follows a run by its own means', async () => {
    await using harness = await serveRun();
    const client = new Client({
      url: harness.server.url,
      preferGetMethod: false,
      exchanges: [fetchExchange],
      fetchSubscriptions: true,
    });
    const told: string[] = [];
    const { unsubscribe } = client
      .subscription<{ dagRunChanges: Change }>(FOLLOW, {})
      .subscribe(({ data, error, hasNext }) => {
        const nodes = data?.dagRunChanges.changedNodes.map(({ status }) => status) ?? [];
        told.push(error?.message ?? `${nodes.join()}${hasNext ? '' : ' ended'}`);
      });
    await eventually(() => expect(told).toEqual(['RUNNING']));
    await harness.store.record([completed('run', 'a')]);
    await eventually(() => expect(told).toEqual(['RUNNING', 'COMPLETED']));
    await harness.store.record([finished('run')]);
    await eventually(() => expect(told.at(-1)).toContain('ended'));
    unsubscribe();
  });
});

describe('A request that offers another protocol', () => {
  it('is answered as if it had not, as Java and curl offer HTTP/2 with each', async () => {
    await using harness = await serveRun();
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
    };
    const query = { 'content-type': 'application/json' };
    const answer = await send(harness.port, {
      method: 'POST',
      headers: { ...headers, ...query },
      body: '{"query":"{ __typename }"}',
    });
    expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });
});
