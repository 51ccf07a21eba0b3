import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as breathe } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FollowRunOptions, followRun } from '../../../src/client/follow/follow.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** One that takes every request, and then says nothing more: before or after it has begun to answer. */
const server = createServer((request, response) => {
  if (request.url === '/begins') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
});
let base: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Follows until the connection stands, and nothing of what made it is left in memory but what is needed. */
async function followedFor(url: string, options: FollowRunOptions): Promise<{ readonly end: Promise<unknown> }> {
  const requested = once(server, 'request');
  const end = followRun(url, 'run', options).next();
  await requested;
  for (let i = 0; i < 10; i++) {
    await breathe();
    collectGarbage();
  }
  return { end };
}

describe.each(['/begins', '/is/silent'])('A connection to a server that says nothing more (%s)', (path) => {
  test('can be ended long after it was made', async () => {
    const stop = new AbortController();
    const { end } = await followedFor(base + path, { signal: stop.signal });
    stop.abort();
    expect(await end).toEqual({ done: true, value: undefined });
  });

  test('counts as dead in the end', async () => {
    const stop = new AbortController();
    const onConnection = vi.fn();
    const { end } = await followedFor(base + path, { signal: stop.signal, silenceMs: 300, onConnection });
    await vi.waitFor(
      () => expect(onConnection).toHaveBeenCalledWith(expect.objectContaining({ state: 'lost' })),
      5_000,
    );
    stop.abort();
    await end;
  });
});
