import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { serveForTest } from '../server/harness.ts';

/** Writes to a new connection and gives all that comes back until the server closes it. */
async function talk(port: number, ...parts: (string | number)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  // A server that closes while we still write may reset the connection: what it said before counts.
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  for (const part of parts) {
    if (typeof part === 'number') await new Promise((resolve) => setTimeout(resolve, part));
    else socket.write(part);
  }
  await closed;
  return heard;
}

const HEAD = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

describe('What never becomes a request', () => {
  it.each([
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00'],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n'],
    ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
    ['a length that is no number', `${HEAD}Content-Length: many\r\n\r\n{}`],
    ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n{}`],
  ])('is told so: %s', async (_what, bytes) => {
    await using harness = await serveForTest();
    const heard = await talk(harness.port, bytes);
    expect(heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(heard).toContain('"code":"BAD_REQUEST"');
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });

  it.each(['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 'GET /health HTTP/1.0\r\n\r\n'])(
    'is told when it does not say whom it asks',
    async (bytes) => {
      await using harness = await serveForTest();
      const heard = await talk(harness.port, bytes);
      expect(heard).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(heard).toContain('"code":"FORBIDDEN"');
    },
  );

  it('is told when its headers are too large', async () => {
    await using harness = await serveForTest();
    const heard = await talk(
      harness.port,
      `GET /graphql HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(100_000)}\r\n\r\n`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 431 /);
    expect(heard).toContain('"code":"LIMIT_EXCEEDED"');
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });

  it('is told when its URL is too long', async () => {
    await using harness = await serveForTest();
    const heard = await talk(
      harness.port,
      `GET /graphql?query=${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 431 /);
    expect(heard).toContain('"code":"LIMIT_EXCEEDED"');
  });
});

describe('What comes too slowly is given up', () => {
  const config = { requestTimeoutMs: 600 };

  it.each([
    ['headers', 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    ['a body with a length', `${HEAD}Content-Length: 1000\r\n\r\n{`],
    ['a body in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
  ])('when it is %s', async (_what, start) => {
    await using harness = await serveForTest({ config });
    const heard = await talk(harness.port, start, 100, ...(start.endsWith(' ') ? ['x', 100, 'y'] : []));
    expect(heard).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(heard).toContain('"code":"LIMIT_EXCEEDED"');
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });

  it('when it was refused already and still goes on', async () => {
    await using harness = await serveForTest({ config });
    const heard = await talk(harness.port, `${HEAD}Content-Length: 999999999\r\n\r\n{`);
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });
});

describe('A client that goes away', () => {
  it('in the middle of its body is forgotten', async () => {
    await using harness = await serveForTest();
    const socket = connect(harness.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"query":`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
    await harness.server.close();
    expect(harness.log).toContainEqual(expect.objectContaining({ msg: 'request', disconnected: true }));
    expect(harness.log.filter((line) => line.level > 30)).toEqual([]);
  });
});
