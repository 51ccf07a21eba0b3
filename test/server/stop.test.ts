import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type Harness, overriding, serveForTest } from './harness.ts';

/** A server whose store records only once it is let go on; `reached` tells that a request has come so far. */
async function serveHeld(
  stopTimeoutMs: number,
): Promise<{ harness: Harness; reached: Promise<void>; goOn: () => void }> {
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const wrap = (store: Store) =>
    overriding(store, {
      async record(events) {
        reached.resolve();
        await held.promise;
        return store.record(events);
      },
    });
  const harness = await serveForTest({ config: { stopTimeoutMs }, wrap });
  return { harness, reached: reached.promise, goOn: held.resolve };
}

const CREATE_RUN = {
  query: 'mutation { createRun(input: { runId: "r1", dagNsref: "d" }) { changed userErrors { code } } }',
};

describe('A server stops', () => {
  it('after it has answered what it was asked, and that is on disk', async () => {
    const { harness, reached, goOn } = await serveHeld(10_000);
    await using _ = harness;
    const answer = harness.ask(CREATE_RUN);
    await reached;
    let isClosed = false;
    const closed = harness.server.close().then(() => {
      isClosed = true;
    });
    await expect(fetch(`${harness.base}/health`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    goOn();
    expect(await answer).toMatchObject({ status: 200, data: { createRun: { changed: true, userErrors: [] } } });
    await closed;
    expect(await harness.store.runsByIds(['r1'])).toHaveLength(1);
  });

  it('without waiting for connections that are kept for later', async () => {
    const { harness, reached, goOn } = await serveHeld(60_000);
    await using _ = harness;
    const agent = new Agent({ keepAlive: true });
    const busy = new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request(harness.server.url, { method: 'POST', agent, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(JSON.stringify(CREATE_RUN));
    });
    await reached;
    const idle = connect(harness.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = harness.server.close();
    goOn();
    expect(await busy).toBe(200);
    await closed;
    agent.destroy();
    idle.destroy();
  });

  it('in spite of requests that never end', async () => {
    const { harness, reached, goOn } = await serveHeld(100);
    await using _ = harness;
    const answer = harness.ask(CREATE_RUN);
    answer.catch(() => {});
    await reached;
    await harness.server.close();
    await expect(answer).rejects.toThrow();
    goOn();
  });

  it('once, however often it is told to', async () => {
    await using harness = await serveForTest();
    expect(harness.server.close()).toBe(harness.server.close());
    await harness.server.close();
  });
});
