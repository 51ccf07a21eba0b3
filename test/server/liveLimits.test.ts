import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { overriding, send } from './harness.ts';
import { eventually, Following, SSE, serveRun, TRANSPORTS, WEB_SOCKET, watched } from './live.ts';
import { RawSocket } from './rawSocket.ts';

describe('Live connections from one address', () => {
  it('are as many as the limit, of both kinds together, and free when they end', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap, config: { maxConnectionsPerAddress: 2 } });
    const { url } = harness.server;
    const stream = new Following(SSE, url);
    const socket = await RawSocket.admitted(harness.port);
    await eventually(() => expect(stream.sent).toHaveLength(1));

    const refused = new Following(SSE, url);
    await eventually(() => expect(refused.codes).toEqual(['LIMIT_EXCEEDED']));
    expect(refused.sent[0]?.errors?.[0]?.message).toContain('DAGLOUPE_MAX_CONNECTIONS_PER_ADDRESS');
    const third = new RawSocket(harness.port);
    await third.closed;
    expect(third.failure).toBe('Unexpected server response: 429');
    expect(harness.log).toMatchObject([{}, { msg: 'refused WebSocket', status: 429, codes: ['LIMIT_EXCEEDED'] }]);
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });

    stream.leave();
    await eventually(() => expect(listening()).toBe(0));
    const next = await RawSocket.admitted(harness.port);
    socket.ws.close();
    await socket.closed;
    const last = new Following(SSE, url);
    await eventually(() => expect(last.sent).toHaveLength(1));
    next.ws.close();
    last.leave();
  });

  it('do not count those that were refused for another reason', async () => {
    await using harness = await serveRun({ config: { maxConnectionsPerAddress: 1 } });
    for (const _ of [1, 2, 3]) {
      const headers = { connection: 'Upgrade', upgrade: 'websocket' };
      expect(await send(harness.port, { headers })).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
      expect(await send(harness.port, { headers: { ...headers, host: 'evil' } })).toMatchObject({ status: 403 });
      const wrong = new Following(SSE, harness.server.url, { variables: { runId: 'nothing' } });
      await eventually(() => expect(wrong.codes).toEqual(['BAD_REQUEST']));
    }
    const socket = await RawSocket.admitted(harness.port);
    socket.ws.close();
  });
});

describe('Operations of one WebSocket', () => {
  it('are as many at once as the limit, and the others go on', async () => {
    await using harness = await serveRun({ config: { maxOperationsPerConnection: 3 } });
    const socket = await RawSocket.admitted(harness.port);
    for (const id of ['1', '2', '3', '4']) socket.subscribe(id);
    await eventually(() => expect(socket.about('4')).toEqual(['error']));
    expect(socket.received.find(({ id }) => id === '4')?.payload).toMatchObject([
      { message: expect.stringContaining('MAX_OPERATIONS'), extensions: { code: 'LIMIT_EXCEEDED' } },
    ]);
    await eventually(() =>
      expect(['1', '2', '3'].map((id) => socket.about(id))).toEqual([['next'], ['next'], ['next']]),
    );
    socket.say({ id: '1', type: 'complete' });
    await setTimeout(20);
    socket.subscribe('5', '{ __typename }');
    await eventually(() => expect(socket.about('5')).toEqual(['next', 'complete']));
    socket.ws.close();
  });
});

describe.each(TRANSPORTS)('Subscriptions of all clients, over $name too,', (transport) => {
  it('are as many as the limit, and free when they end', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap, config: { maxSubscriptions: 2 } });
    const { url } = harness.server;
    const all = [SSE, WEB_SOCKET].map((each) => new Following(each, url));
    await eventually(() => expect(all.map(({ sent }) => sent.length)).toEqual([1, 1]));
    const refused = new Following(transport, url);
    await eventually(() => expect(refused.codes).toEqual(['LIMIT_EXCEEDED']));
    expect(harness.log.flatMap(({ errorId }) => errorId ?? [])).toEqual([]);
    for (const following of all) following.leave();
    await eventually(() => expect(listening()).toBe(0));
    await eventually(async () => {
      const next = new Following(transport, url);
      await eventually(() => expect(next.sent).toHaveLength(1));
      next.leave();
      expect(next.changes).toHaveLength(1);
    });
  });

  it('do not count those whose clients left before they began', async () => {
    const looked: (() => void)[] = [];
    const { wrap, listening } = watched();
    const held = (store: Store) =>
      overriding(wrap(store), {
        async runsByIds(ids) {
          await new Promise<void>((resolve) => looked.push(resolve));
          return store.runsByIds(ids);
        },
      });
    await using harness = await serveRun({ wrap: held, config: { maxSubscriptions: 1 } });
    const { url } = harness.server;
    for (const times of [1, 2]) {
      const leaving = new Following(transport, url);
      await eventually(() => expect(looked).toHaveLength(times));
      leaving.leave();
      await setTimeout(50);
      looked.at(-1)?.();
    }
    await setTimeout(50);
    expect(listening()).toBe(0);
    const staying = new Following(transport, url);
    await eventually(() => expect(looked).toHaveLength(3));
    looked.at(-1)?.();
    await eventually(() => expect(staying.changes).toHaveLength(1));
    staying.leave();
  });
});
