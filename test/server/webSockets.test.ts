import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { completed } from '../support/events.ts';
import { overriding } from './harness.ts';
import { eventually, Following, serveRun, WEB_SOCKET, watched } from './live.ts';
import { RawSocket } from './rawSocket.ts';

describe('A WebSocket', () => {
  it('answers queries and mutations as well', async () => {
    await using harness = await serveRun();
    const ask = async (query: string) => {
      const { url } = harness.server;
      const asking = new Following(WEB_SOCKET, url, { query });
      await eventually(() => expect(asking.end).toBe('complete'));
      return asking.sent;
    };
    expect(await ask('mutation { createRun(input: { runId: "r2", dagNsref: "d" }) { changed } }')).toEqual([
      { data: { createRun: { changed: true } } },
    ]);
    expect(await ask('{ dagRun(runId: "r2") { status } }')).toEqual([{ data: { dagRun: { status: 'RUNNING' } } }]);
  });

  it('tells what is wrong with an operation', async () => {
    await using harness = await serveRun();
    const codesOf = async (query: string) => {
      const asking = new Following(WEB_SOCKET, harness.server.url, { query });
      await eventually(() => expect(asking.end).toBeDefined());
      return asking.codes;
    };
    expect(await codesOf('{ nothing }')).toEqual(['BAD_REQUEST']);
    expect(await codesOf('query A { __typename } query B { __typename }')).toEqual(['BAD_REQUEST']);
    expect(await codesOf('query Q($id: ID!) { dagRun(runId: $id) { status } }')).toEqual(['BAD_REQUEST']);
  });

  it('carries many operations at once, each to its own end', async () => {
    await using harness = await serveRun();
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe('one');
    socket.subscribe('other');
    socket.subscribe('query', '{ __typename }');
    await eventually(() => expect([socket.about('one'), socket.about('other')]).toEqual([['next'], ['next']]));
    await eventually(() => expect(socket.about('query')).toEqual(['next', 'complete']));
    socket.say({ id: 'one', type: 'complete' });
    await setTimeout(20);
    await harness.store.record([{ type: 'runFinished', runId: 'run', status: 'failed' }]);
    await eventually(() => expect(socket.about('other')).toEqual(['next', 'next', 'complete']));
    expect(socket.about('one')).toEqual(['next']);
    socket.ws.close();
  });

  it('lets an id be used again', async () => {
    await using harness = await serveRun();
    const socket = await RawSocket.admitted(harness.port);
    for (const times of [1, 2, 3]) {
      socket.subscribe('1');
      await eventually(() => expect(socket.about('1')).toHaveLength(times));
      socket.say({ id: '1', type: 'complete' });
    }
    socket.ws.close();
  });

  it('gives each operation a context of its own, so that nothing that was read before is shown again', async () => {
    await using harness = await serveRun();
    const socket = await RawSocket.admitted(harness.port);
    const query = '{ dagRun(runId: "run") { status } }';
    socket.subscribe('before', query);
    await eventually(() => expect(socket.about('before')).toEqual(['next', 'complete']));
    await harness.store.record([{ type: 'runFinished', runId: 'run', status: 'failed' }]);
    socket.subscribe('after', query);
    await eventually(() => expect(socket.about('after')).toEqual(['next', 'complete']));
    expect(socket.received.flatMap(({ payload }) => payload ?? [])).toEqual([
      { data: { dagRun: { status: 'RUNNING' } } },
      { data: { dagRun: { status: 'FAILED' } } },
    ]);
    socket.ws.close();
  });

  it('gives up an operation that takes too long', async () => {
    const wrap = (store: Store) =>
      overriding(store, { runPage: (...args) => setTimeout(2_000).then(() => store.runPage(...args)) });
    await using harness = await serveRun({ wrap, config: { requestTimeoutMs: 100 } });
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe('slow', '{ dagRuns { nodes { runId } } }');
    await eventually(() => expect(socket.about('slow')).toEqual(['next', 'complete']));
    expect(socket.received.at(-2)).toMatchObject({ payload: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] } });
    socket.ws.close();
  });

  it('may last longer than a request may take', async () => {
    await using harness = await serveRun({ config: { requestTimeoutMs: 100 } });
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe('1');
    await setTimeout(500);
    await harness.store.record([completed('run', 'a')]);
    await eventually(() => expect(socket.about('1')).toEqual(['next', 'next']));
    socket.ws.close();
  });

  it('answers pings, and is asked for signs of life itself', async () => {
    await using harness = await serveRun({ config: { keepAliveMs: 30 } });
    const socket = await RawSocket.admitted(harness.port);
    socket.say({ type: 'ping', payload: { count: 1 } });
    await eventually(() => expect(socket.received.at(-1)).toEqual({ type: 'pong', payload: { count: 1 } }));
    for (const _ of [1, 2, 3, 4]) await once(socket.ws, 'ping');
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
    socket.ws.close();
  });

  it('is cut off when it gives no sign of life, and frees what it held', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap, config: { keepAliveMs: 30 } });
    const socket = await RawSocket.admitted(harness.port, {}, { autoPong: false });
    socket.subscribe('1');
    expect(await socket.closed).toEqual({ code: 1006, reason: '' });
    await eventually(() => expect(listening()).toBe(0));
  });

  it('frees what it held however it ends', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const ends: readonly ((socket: RawSocket) => void)[] = [
      ({ ws }) => ws.close(),
      ({ ws }) => ws.terminate(),
      (socket) => socket.say({ id: '1', type: 'complete' }),
      ({ ws }) => ws.send('nonsense'),
    ];
    for (const end of ends) {
      const socket = await RawSocket.admitted(harness.port);
      socket.subscribe('1');
      await eventually(() => expect(listening()).toBe(1));
      end(socket);
      await eventually(() => expect(listening()).toBe(0));
      socket.ws.terminate();
    }
  });

  it('logs its operations as requests, and its end', async () => {
    await using harness = await serveRun();
    const socket = await RawSocket.admitted(harness.port, { authorization: 'Bearer open-sesame' });
    socket.subscribe('1');
    socket.subscribe('2', 'query Wrong { nothing }');
    await eventually(() => expect(socket.received).toHaveLength(3));
    socket.ws.close(1000, 'enough');
    await eventually(() => expect(harness.log).toHaveLength(3));
    expect(harness.log.toSorted((a, b) => a.msg.localeCompare(b.msg))).toMatchObject([
      { msg: 'request', method: 'WebSocket', operation: 'Wrong', codes: ['BAD_REQUEST'] },
      { msg: 'request', method: 'WebSocket', operation: 'Follow' },
      { msg: 'WebSocket closed', code: 1000, reason: 'enough' },
    ]);
    expect(JSON.stringify(harness.log)).not.toContain('sesame');
  });
});

describe('The token of a server', () => {
  const config = { token: 'open-sesame' };

  it.each([
    ['in connection_init', { authorization: 'Bearer open-sesame' }, {}],
    ['there, as headers are written', { Authorization: 'bearer open-sesame' }, {}],
    ['in the header', {}, { authorization: 'Bearer open-sesame' }],
  ])('may be sent %s', async (_, params, headers) => {
    await using harness = await serveRun({ config });
    const socket = await RawSocket.admitted(harness.port, params, { headers });
    expect(socket.received).toEqual([{ type: 'connection_ack' }]);
    socket.ws.close();
  });

  it.each([
    ['none', undefined, {}, 'This server wants a token: connect with {"authorization": "Bearer TOKEN"}.'],
    ['a wrong one', { authorization: 'Bearer open' }, {}, 'The token is not the one of this server.'],
    ['no text', { authorization: ['Bearer open-sesame'] }, {}, 'This server wants a token'],
    [
      'a wrong one over a right one',
      { authorization: 'Bearer no' },
      { authorization: 'Bearer open-sesame' },
      'The token',
    ],
    ['a wrong header', {}, { authorization: 'Bearer open' }, 'The token is not the one of this server.'],
  ])('is missed where there is %s', async (_, payload, headers, reason) => {
    await using harness = await serveRun({ config });
    const socket = new RawSocket(harness.port, { headers });
    await socket.opened();
    socket.say({ type: 'connection_init', payload });
    const closed = await socket.closed;
    expect(closed.code).toBe(4401);
    expect(closed.reason).toContain(`UNAUTHENTICATED: ${reason}`);
    expect(socket.received).toEqual([]);
  });

  it('is not asked for again by clients that were refused', async () => {
    await using harness = await serveRun({ config });
    const following = new Following(WEB_SOCKET, harness.server.url, { token: 'wrong', retries: 50 });
    await eventually(() => expect(following.end).toMatchObject({ code: 4401 }));
    expect(harness.log.filter(({ msg }) => msg === 'WebSocket closed')).toHaveLength(1);
  });
});
