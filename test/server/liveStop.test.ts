import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { Feed } from '../../src/store/feed.ts';
import { ask, serve } from '../commands/program.ts';
import { completed, finished, started } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';
import { memoryLogger, testConfig } from './harness.ts';
import { eventually, FOLLOW, Following, SSE, serveRun, TRANSPORTS, WEB_SOCKET } from './live.ts';
import { RawSocket } from './rawSocket.ts';

describe('When the server stops', () => {
  it('event streams break off without their end, so that clients come again', async () => {
    await using harness = await serveRun({ config: { stopTimeoutMs: 60_000 } });
    const response = await fetch(harness.server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: FOLLOW }),
    });
    const decoder = new TextDecoder();
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    })();
    await eventually(() => expect(text).toContain('event: next'));
    const [end] = await Promise.allSettled([reading, harness.server.close()]);
    expect(end.status).toBe('rejected');
    expect(text).not.toContain('complete');
    expect(text).not.toContain('errors');
  });

  it('WebSockets close with "going away", and say nothing of their operations', async () => {
    await using harness = await serveRun({ config: { stopTimeoutMs: 60_000 } });
    const socket = await RawSocket.admitted(harness.port);
    socket.subscribe('1');
    await eventually(() => expect(socket.about('1')).toEqual(['next']));
    await harness.server.close();
    expect(await socket.closed).toEqual({
      code: 1001,
      reason: 'The server stops. Come again later, and go on from your last cursor.',
    });
    expect(socket.about('1')).toEqual(['next']);
  });

  it('it does not wait for a WebSocket that does not answer', async () => {
    await using harness = await serveRun({ config: { stopTimeoutMs: 100 } });
    const socket = await RawSocket.admitted(harness.port);
    socket.ws.pause();
    await harness.server.close();
    socket.ws.terminate();
  });

  it('what follows in its own process fails instead of ending, then and afterwards', async () => {
    await using harness = await serveRun();
    const feed = new Feed(harness.store);
    const [waiting, idle] = [feed.tree('run', null), feed.runs(null)];
    await waiting.next();
    const next = waiting.next();
    feed.close();
    await expect(next).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(idle.next()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await idle.next()).toEqual({ done: true, value: undefined });
    expect(() => feed.tree('run', null)).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
  });

  it('it does so by a signal, with 20 clients attached', async () => {
    const folder = await temporaryFolder();
    const server = await serve(['serve', join(folder, 'runs.db')]);
    await ask(server.url, 'mutation { createRun(input: { runId: "run", dagNsref: "d" }) { changed } }');
    const all = Array.from({ length: 20 }, (_, index) => new Following(index % 2 === 0 ? SSE : WEB_SOCKET, server.url));
    await eventually(() => expect(all.every(({ sent }) => sent.length === 1)).toBe(true));
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 });
    await eventually(() => expect(all.every(({ end }) => end !== undefined)).toBe(true));
    expect(all.filter(({ end }) => end === 'complete')).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe.each(TRANSPORTS)('A client over $name that goes on from its last cursor', (transport) => {
  it('misses nothing and is told nothing twice, however often the server starts anew', async () => {
    await using harness = await serveRun();
    const { port, store } = harness;
    const all = Array.from({ length: 10 }, () => new Following(transport, harness.server.url, { retries: 1_000 }));
    await eventually(() => expect(all.every(({ sent }) => sent.length > 0)).toBe(true));

    const labels = Array.from({ length: 60 }, (_, index) => `n${index}`);
    const writing = (async () => {
      for (const label of labels) {
        await store.record([started('run', label)]);
        await setTimeout(5);
        await store.record([completed('run', label)]);
      }
    })();
    let { server } = harness;
    for (const _ of [1, 2, 3]) {
      await setTimeout(100);
      await server.close();
      server = await startServer({ store, config: testConfig({ port }), logger: memoryLogger().logger });
    }
    await writing;
    await store.record([finished('run')]);
    await eventually(() => expect(all.every(({ end }) => end === 'complete')).toBe(true));
    for (const { nodes, changes } of all) {
      expect(changes.filter(({ reset }) => reset)).toHaveLength(1);
      expect(new Set(nodes).size).toBe(nodes.length);
      expect(nodes.filter((node) => node.endsWith(' COMPLETED'))).toHaveLength(labels.length);
    }
    await server.close();
  });
});
