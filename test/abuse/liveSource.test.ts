import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, send, serveForTest } from '../server/harness.ts';
import { RawSocket } from '../server/rawSocket.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest({ config: { allowedHosts: ['dags.example.com'] } });
});
afterAll(async () => {
  await RawSocket.admitted(harness.port).then(({ ws }) => ws.close());
  await harness[Symbol.asyncDispose]();
});

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'graphql-transport-ws',
};

/** What is answered to a handshake that is refused. */
function refused(headers: Record<string, string>, path = '/graphql') {
  return send(harness.port, { path, headers: { ...HANDSHAKE, ...headers } });
}

describe('A WebSocket', () => {
  it.each(['evil.example', 'evil.example:4000', '192.168.1.1', '127.0.0.1.evil.example', ' '])(
    'is not opened under a name that is not the name of the server: %s',
    async (host) => {
      const answer = await refused({ host });
      expect(answer).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
      expect(answer.messages[0]).toContain('DAGLOUPE_ALLOWED_HOSTS');
    },
  );

  it.each(['http://evil.example', 'http://127.0.0.1:1', 'http://localhost', 'null', 'file://', ''])(
    'is not opened for the page of another site, told by its Origin: %s',
    async (origin) => {
      expect(await refused({ origin })).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
    },
  );

  it.each(['cross-site', 'same-site', 'anything'])('is not opened for one told by Sec-Fetch-Site: %s', async (site) => {
    const headers = { origin: harness.base, 'sec-fetch-site': site, 'sec-fetch-mode': 'websocket' };
    expect(await refused(headers)).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
  });

  it('is not opened for another site even with the token', async () => {
    await using guarded = await serveForTest({ config: { token: 'secret' } });
    const headers = { ...HANDSHAKE, authorization: 'Bearer secret', origin: 'http://evil.example' };
    expect(await send(guarded.port, { headers })).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
  });

  it.each(['/', '/health', '/nothing', '/graphql/', '//graphql', '/GRAPHQL'])(
    'is not to be had at %s',
    async (path) => {
      const answer = await refused({}, path);
      expect(answer).toMatchObject({ status: 404, codes: ['BAD_REQUEST'] });
      expect(answer.messages[0]).toContain('GraphQL is at /graphql');
    },
  );

  it('is opened for pages of the server itself, and behind a proxy that adds TLS', async () => {
    const own = { origin: harness.base, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'websocket' };
    const proxied = { origin: 'https://dags.example.com', host: 'dags.example.com' };
    for (const headers of [own, proxied]) {
      const socket = await RawSocket.admitted(harness.port, {}, { headers });
      socket.ws.close();
    }
  });
});

describe('A handshake', () => {
  it.each<[string, Record<string, string>]>([
    ['without a key', { 'sec-websocket-key': '' }],
    ['with a key of the wrong length', { 'sec-websocket-key': 'AAAA' }],
    ['of an unknown version', { 'sec-websocket-version': '99' }],
    ['without a version', { 'sec-websocket-version': '' }],
    ['with broken subprotocols', { 'sec-websocket-protocol': 'graphql-transport-ws,,b' }],
  ])('%s is answered with what is wrong', async (_, headers) => {
    const answer = await refused(headers);
    expect(answer).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
    expect(answer.messages[0]).toContain('This opens no WebSocket');
  });

  it('by another method than GET is answered with what is wrong', async () => {
    const answer = await send(harness.port, { method: 'POST', headers: HANDSHAKE });
    expect(answer).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
  });

  it.each(['graphql-ws', 'mqtt, chat', ''])(
    'that offers no known subprotocol is told which to offer: %j',
    async (offered) => {
      const answer = await refused({ 'sec-websocket-protocol': offered });
      expect(answer).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
      expect(answer.messages[0]).toContain('graphql-transport-ws');
    },
  );
});
