import { describe, expect, it } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { memoryLogger, send, serveForTest, testConfig } from './harness.ts';

describe('A server listens', () => {
  it('on a free port of 127.0.0.1 if asked for port 0', async () => {
    await using one = await serveForTest();
    await using other = await serveForTest();
    expect(one.port).not.toBe(other.port);
    expect(one.server.url).toBe(`http://127.0.0.1:${one.port}/graphql`);
    expect((await fetch(`${other.base}/health`)).status).toBe(200);
  });

  it('on ::1, with brackets in its URL', async () => {
    await using harness = await serveForTest({ config: { host: '::1' } });
    expect(harness.server.url).toBe(`http://[::1]:${harness.port}/graphql`);
    expect((await fetch(`${harness.base}/health`)).status).toBe(200);
  });

  it('beyond this machine only with a token', async () => {
    await expect(serveForTest({ config: { host: '0.0.0.0' } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message:
        'Others could read and write everything at 0.0.0.0: set a token in DAGLOUPE_TOKEN, or listen on 127.0.0.1.',
    });
    await using harness = await serveForTest({ config: { host: '0.0.0.0', token: 'secret' } });
    expect((await send(harness.port, { path: '/health' })).status).toBe(200);
  });

  it('not on a port that is taken, and says what to do', async () => {
    await using harness = await serveForTest();
    const config = testConfig({ port: harness.port });
    const { logger } = memoryLogger();
    await expect(startServer({ store: harness.store, config, logger })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `Cannot listen on 127.0.0.1, port ${harness.port}. Something else listens there: stop it, or choose another port (0 picks a free one).`,
    });
  });

  it('not on an address that this machine does not have', async () => {
    const config = { host: '192.0.2.1', token: 'secret' };
    await expect(serveForTest({ config })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('This machine does not have that address'),
    });
  });
});
