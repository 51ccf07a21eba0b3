import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Harness } from '../server/harness.ts';
import { eventually, serveRun, watched } from '../server/live.ts';
import { RawSocket } from '../server/rawSocket.ts';

const { wrap, listening } = watched();
let harness: Harness;
beforeAll(async () => {
  harness = await serveRun({ wrap, config: { maxBodyBytes: 200_000, requestTimeoutMs: 300 } });
});
afterAll(async () => {
  expect(listening()).toBe(0);
  expect(harness.log.filter(({ level }) => level > 30)).toEqual([]);
  await harness[Symbol.asyncDispose]();
});

/** What a client sees that is admitted and then sends something. */
async function closedAfter(...messages: (string | Buffer)[]): Promise<{ code: number; reason: string }> {
  const socket = await RawSocket.admitted(harness.port);
  for (const message of messages) socket.ws.send(message);
  return socket.closed;
}

const SUBSCRIBE = { id: '1', type: 'subscribe', payload: { query: '{ __typename }' } };
const said = (change: object) => JSON.stringify({ ...SUBSCRIBE, ...change });

describe('A message that the protocol does not know', () => {
  it.each([
    'nonsense',
    '',
    '[]',
    'null',
    '{}',
    '{"type":5}',
    '{"type":"unknown"}',
    '{"type":"connection_init","payload":[]}',
    said({ id: undefined }),
    said({ id: 5 }),
    said({ id: '' }),
    said({ payload: undefined }),
    said({ payload: {} }),
    said({ payload: { query: 5 } }),
    said({ payload: { query: '{ __typename }', variables: [] } }),
    said({ payload: { query: '{ __typename }', operationName: 5 } }),
    said({ type: 'next', payload: {} }),
    said({ type: 'error', payload: [] }),
    '{"type":"connection_ack"}',
  ])('closes the connection: %s', async (message) => {
    expect((await closedAfter(message)).code).toBe(4400);
  });

  it('closes the connection when it is binary, and says so', async () => {
    expect(await closedAfter(Buffer.from(JSON.stringify(SUBSCRIBE)))).toEqual({
      code: 4400,
      reason: 'BAD_REQUEST: Send text, not binary data.',
    });
  });

  it('closes the connection when it has too many values for its size', async () => {
    const { code, reason } = await closedAfter(`${'['.repeat(2_000)}${']'.repeat(2_000)}`);
    expect(code).toBe(4400);
    expect(reason).toContain('LIMIT_EXCEEDED');
  });

  it.each(['toString', '__proto__', 'constructor', '💣'.repeat(1000)])('is not one with the id %s', async (id) => {
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe(id, '{ __typename }');
    await eventually(() => expect(socket.about(id)).toEqual(['next', 'complete']));
    socket.say({ id, type: 'complete' });
    socket.ws.close();
  });
});

describe('A client that does not keep to the order', () => {
  it('is not answered before connection_init', async () => {
    const socket = new RawSocket(harness.port);
    await socket.opened();
    socket.say(SUBSCRIBE);
    expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  it('is closed when it sends connection_init twice', async () => {
    expect((await closedAfter('{"type":"connection_init"}')).code).toBe(4429);
  });

  it('is closed when it does not send it in time', async () => {
    const socket = new RawSocket(harness.port);
    expect((await socket.closed).code).toBe(4408);
  });

  it('is closed when it uses an id twice at once', async () => {
    const follow = said({ payload: { query: 'subscription { dagRunChanges(runId: "run") { cursor } }' } });
    expect((await closedAfter(follow, follow)).code).toBe(4409);
  });

  it('may end what never began', async () => {
    const socket = await RawSocket.admitted(harness.port);
    socket.say({ id: 'nothing', type: 'complete' });
    socket.subscribe('1', '{ __typename }');
    await eventually(() => expect(socket.about('1')).toEqual(['next', 'complete']));
    socket.ws.close();
  });

  it('may end what it has just begun', async () => {
    const socket = await RawSocket.admitted(harness.port);
    for (let id = 0; id < 200; id++) {
      socket.subscribe(`${id}`);
      socket.say({ id: `${id}`, type: 'complete' });
    }
    socket.subscribe('last', '{ __typename }');
    await eventually(() => expect(socket.about('last').length).toBeGreaterThan(0));
    await eventually(() => expect(listening()).toBe(0));
    socket.ws.close();
  });
});

describe('A message that is too large', () => {
  it('closes the connection', async () => {
    expect((await closedAfter(said({ payload: { query: `{ __typename } # ${'x'.repeat(200_000)}` } }))).code).toBe(
      1009,
    );
  });

  it('is cut off early from a client that has not shown that it may ask', async () => {
    const socket = new RawSocket(harness.port);
    await socket.opened();
    socket.say({ type: 'connection_init', payload: { filler: 'x'.repeat(150_000) } });
    expect((await socket.closed).code).toBe(1006);
  });

  it('may come from one that has', async () => {
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe('1', `{ __typename } # ${'x'.repeat(150_000)}`);
    await eventually(() => expect(socket.about('1')).toEqual(['next', 'complete']));
    socket.ws.close();
  });
});

describe('Bytes that are no WebSocket', () => {
  const HANDSHAKE = [
    'GET /graphql HTTP/1.1',
    'host: localhost',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==',
    'sec-websocket-protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

  it.each<[string, readonly number[]]>([
    ['a frame without a mask', [0x81, 0x02, 0x7b, 0x7d]],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['reserved bits', [0xf1, 0x80, 0, 0, 0, 0]],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0]],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
    ['a length beyond all numbers', [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['a close with half a code', [0x88, 0x81, 0, 0, 0, 0, 3]],
  ])('close the connection: %s', async (_, bytes) => {
    const socket = connect(harness.port, '127.0.0.1');
    socket.write(HANDSHAKE);
    socket.once('data', () => socket.write(Buffer.from(bytes)));
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
  });

  it('do no harm when the connection ends in the middle of a frame', async () => {
    const socket = connect(harness.port, '127.0.0.1');
    socket.write(HANDSHAKE);
    socket.once('data', () => socket.end(Buffer.from([0x81, 0xfe, 0x10])));
    await new Promise((resolve) => socket.on('close', resolve).resume());
  });

  it('do no harm with the handshake that they follow at once', async () => {
    const socket = connect(harness.port, '127.0.0.1');
    socket.end(`${HANDSHAKE}\x83\x80`);
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
  });
});
