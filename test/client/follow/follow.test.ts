import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { followRun } from '../../../src/client/follow/follow.ts';
import { Fault } from '../../../src/errors.ts';
import type { RunEvent } from '../../../src/model.ts';
import { overriding, serveForTest } from '../../server/harness.ts';
import { completed, created, failed, finished, restarted, started } from '../../support/events.ts';
import { Client } from './client.ts';
import { Site } from './site.ts';

const ROOT = [created('root', { dagNsref: 'd', at: 1 }), started('root', 'm', { at: 2 })];

/** Sub-runs of the root's node, each of which has a node that completed. */
function parts(count: number): RunEvent[] {
  return Array.from({ length: count }, (_, index) => [
    created(`part-${index}`, { dagNsref: `d/m[${index}]`, parentRunId: 'root', at: 3 }),
    started(`part-${index}`, 'load', { at: 4 }),
    completed(`part-${index}`, 'load', { at: 5 }),
    finished(`part-${index}`, { at: 6 }),
  ]).flat();
}

async function siteWith(...events: readonly RunEvent[]): Promise<Site> {
  const site = await Site.open();
  await site.writeAll(events);
  return site;
}

/** Waits until a client knows what a fresh read gives. */
async function caughtUp(client: Client, site: Site): Promise<void> {
  const whole = await site.fresh('root');
  await vi.waitFor(() => expect(client.told).toEqual(whole), { timeout: 10_000, interval: 5 });
}

describe('a run that is followed', () => {
  test('is told as it changes, until its whole tree has ended', async () => {
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    await site.writeAll(parts(2));
    await caughtUp(client, site);
    await site.writeAll([created('last', { dagNsref: 'd/m[9]', parentRunId: 'root' }), finished('root')]);
    await caughtUp(client, site);
    await site.writeAll([finished('last')]);
    await client.end;
    expect(client.tree).toMatchObject({ run: { runId: 'root', status: 'COMPLETED' }, ended: true });
    expect(client.updates.map(({ reset }) => reset).lastIndexOf(true)).toBe(0);
    expect(client.connections).toEqual([{ state: 'connected' }]);
  });

  test('may have ended before', async () => {
    await using site = await siteWith(...ROOT, ...parts(3), completed('root', 'm'), finished('root'));
    const client = new Client(site.url, 'root');
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
    expect(site.passage.connections).toBe(1);
  });

  test('may be large: it is shown as soon as the run itself has come', async () => {
    await using site = await siteWith(...ROOT, ...parts(900), finished('root', { at: 7 }));
    const client = new Client(site.url, 'root');
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
    expect(client.tree?.partsOf('root', 'm')).toHaveLength(900);
    expect(site.passage.connections).toBe(1);
  });

  test('may be a sub-run: then only what is inside it is told', async () => {
    await using site = await siteWith(...ROOT, ...parts(3));
    const client = new Client(site.url, 'part-1');
    await vi.waitFor(() => expect(client.tree?.run.dagNsref).toBe('d/m[1]'));
    await site.writeAll([finished('root')]);
    await client.end;
    expect([...(client.tree?.runs.keys() ?? [])]).toEqual(['part-1']);
    expect(client.tree?.nodesOf('part-1')).toHaveLength(1);
  });

  test('shows the newest state even if the clock of its recorder jumps back', async () => {
    await using site = await siteWith(created('root', { at: 1_000 }), started('root', 'm', { at: 2_000 }));
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    await site.writeAll([failed('root', 'm', { at: 500 }), finished('root', { status: 'failed', at: 400 })]);
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
    expect(client.tree?.run).toMatchObject({ status: 'FAILED', finishedAt: '1970-01-01T00:06:40.000000Z' });
  });

  test('goes on when the run is restarted before its tree has ended', async () => {
    await using site = await siteWith(...ROOT, created('sub', { dagNsref: 'd/m[0]', parentRunId: 'root' }));
    const client = new Client(site.url, 'root');
    await site.writeAll([finished('root', { status: 'failed' })]);
    await caughtUp(client, site);
    await site.writeAll([restarted('root'), finished('sub')]);
    await caughtUp(client, site);
    await site.writeAll([finished('root')]);
    await client.end;
    expect(client.tree?.run.status).toBe('COMPLETED');
  });
});

describe('a connection that is lost', () => {
  test('is made again, and brings what was missed and nothing else', async () => {
    await using site = await siteWith(...ROOT, ...parts(5));
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    await site.stopServer();
    await site.writeAll([created('new', { dagNsref: 'd/m[5]', parentRunId: 'root' }), completed('root', 'm')]);
    await vi.waitFor(() => expect(client.connections.at(-1)?.state).toBe('lost'));
    await site.startServer();
    await caughtUp(client, site);
    const [update] = client.updates.slice(-1);
    expect(update).toMatchObject({ reset: false, changedRuns: [{ runId: 'new' }], changedNodes: [{ nodeLabel: 'm' }] });
    expect(client.connections.at(-1)).toEqual({ state: 'connected' });
  });

  test('is told, with the reason and when the next attempt is made', async () => {
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'root', { retryDelay: (failures) => 10 * failures });
    await caughtUp(client, site);
    site.passage.cut();
    await vi.waitFor(() => expect(client.connections).toHaveLength(3));
    expect(client.connections[1]).toEqual({ state: 'lost', error: expect.any(Error), retryInMs: 10 });
    expect(client.connections[1]).toMatchObject({ error: { message: expect.stringContaining('connection was cut') } });
  });

  test('shows by its silence, where nothing else shows it', async () => {
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'root', { silenceMs: 500 });
    await caughtUp(client, site);
    site.passage.dam();
    await site.writeAll([completed('root', 'm'), finished('root')]);
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
    expect(client.connections).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ message: 'nothing was heard for 0.5 s' }) }),
    );
  });

  test('is looked for from the beginning: a server may come up after its clients', async () => {
    await using site = await siteWith(...ROOT);
    await site.stopServer();
    const client = new Client(site.url, 'root');
    await vi.waitFor(() => expect(client.connections.length).toBeGreaterThan(2));
    await site.startServer();
    await caughtUp(client, site);
  });

  test('may have been lost by the end of a run that the server told only in part', async () => {
    await using site = await siteWith(...ROOT, finished('root'), ...parts(900));
    const client = new Client(site.url, 'root');
    await vi.waitFor(() => expect(client.tree).not.toBeNull(), { interval: 1 });
    await site.restart();
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
  });
});

describe('a server that is not as it was', () => {
  test('with an older copy of the file tells the tree anew', async () => {
    await using site = await siteWith(...ROOT);
    await site.restart(() => copyFile(site.file, `${site.file}.copy`));
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    await site.writeAll(parts(3));
    await caughtUp(client, site);
    await site.restart(() => copyFile(`${site.file}.copy`, site.file));
    await caughtUp(client, site);
    expect(client.tree?.runs.size).toBe(1);
    expect(client.updates.at(-1)?.reset).toBe(true);
  });

  test('that refuses the cursor is asked anew', async () => {
    await using other = await siteWith(created('top'), created('root', { dagNsref: 'd/m[0]', parentRunId: 'top' }));
    await other.restart();
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    await site.restart(() => copyFile(other.file, site.file));
    await caughtUp(client, site);
    expect(client.tree?.run.parentRunId).toBe('top');
    expect(client.updates.filter(({ reset }) => reset)).toHaveLength(2);
  });

  test('whose store is busy for a while is asked again', async () => {
    let isBusy = true;
    const busy = () => {
      throw new Fault('STORE_BUSY', 'later');
    };
    await using harness = await serveForTest({
      wrap: (store) => overriding(store, { treeChanges: (...args) => (isBusy ? busy() : store.treeChanges(...args)) }),
    });
    await harness.store.record([...ROOT, finished('root')]);
    const client = new Client(harness.server.url, 'root');
    await vi.waitFor(() => expect(client.connections.length).toBeGreaterThan(3));
    isBusy = false;
    await client.end;
    expect(client.tree?.run.status).toBe('COMPLETED');
    expect(client.connections).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ code: 'STORE_BUSY' }) }),
    );
  });
});

/** A server that answers everything the same way. */
async function serverThat(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

describe('what trying again does not heal ends the following', () => {
  test('a run that does not exist', async () => {
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'nobody');
    await expect(client.end).rejects.toMatchObject({ code: 'BAD_REQUEST', message: /no run "nobody"/ });
  });

  test('a token that is missing or wrong', async () => {
    await using site = await Site.open({ token: 'swordfish' });
    await site.writeAll([...ROOT, finished('root')]);
    await expect(new Client(site.url, 'root').end).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const guess = new Client(site.url, 'root', { token: 'guess' });
    await expect(guess.end).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const friend = new Client(site.url, 'root', { token: 'swordfish' });
    await friend.end;
    expect(friend.told).toEqual(await site.fresh('root'));
  });

  test('an address where a web page is', async () => {
    const url = await serverThat((_, res) => res.setHeader('content-type', 'text/html').end('<h1>Hello</h1>'));
    await expect(new Client(url, 'root').end).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `${url} answered 200 with text/html, and no GraphQL. Give the address of the API, such as http://127.0.0.1:4000/graphql.`,
    });
  });

  test('a guard in front of the server', async () => {
    const url = await serverThat((_, res) => res.writeHead(403, { 'content-type': 'text/html' }).end('<h1>No</h1>'));
    await expect(new Client(url, 'root').end).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('another API', async () => {
    const url = await serverThat((_, res) => res.writeHead(400).end('{"errors": [{"message": "Cannot query that"}]}'));
    await expect(new Client(url, 'root').end).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'Cannot query that',
    });
  });

  test('no address at all', () => {
    expect(() => followRun('localhost', 'root')).toThrow(/give a whole URL/);
  });
});

test.each<[string, RequestListener]>([
  ['says in HTML that its server is away', (_, res) => res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>')],
  ['ends the stream at once', (_, res) => res.setHeader('content-type', 'text/event-stream').end()],
  [
    'completes at once',
    (_, res) => res.setHeader('content-type', 'text/event-stream').end('event: complete\ndata:\n\n'),
  ],
  ['breaks off', (_, res) => void res.writeHead(200, { 'content-length': 9 }).write('x', () => res.destroy())],
  ['never answers', () => undefined],
])('a proxy that %s is asked again', async (_, answer) => {
  const url = await serverThat(answer);
  const stop = new AbortController();
  const client = new Client(url, 'root', { signal: stop.signal, silenceMs: 50 });
  await vi.waitFor(() => expect(client.connections.filter(({ state }) => state === 'lost').length).toBeGreaterThan(2));
  stop.abort();
  await client.end;
});

describe('who follows', () => {
  test('gets the newest state after a pause, however much happened, in one update', async () => {
    await using site = await siteWith(...ROOT);
    const client = new Client(site.url, 'root');
    await caughtUp(client, site);
    client.pause();
    const before = client.updates.length;
    for (let round = 0; round < 50; round++) {
      const events = Array.from({ length: 100 }, (_, index) => [
        restarted('root'),
        finished('root', { status: 'failed' }),
        restarted('root'),
        started('root', `node-${index % 20}-${round}`),
      ]);
      await site.writeAll(events.flat());
    }
    await site.writeAll([completed('root', 'm'), finished('root')]);
    await vi.waitFor(async () => expect(client.tree?.ended).toBe(true), { timeout: 10_000 });
    client.resume();
    await client.end;
    expect(client.told).toEqual(await site.fresh('root'));
    expect(client.updates.length - before).toBeLessThanOrEqual(3);
  });

  test('can stop by a signal, even while nothing comes', async () => {
    await using site = await siteWith(...ROOT);
    const stop = new AbortController();
    const client = new Client(site.url, 'root', { signal: stop.signal });
    await caughtUp(client, site);
    stop.abort();
    await client.end;
    expect(client.connections).toEqual([{ state: 'connected' }]);
  });

  test('can stop by leaving the loop, and lets go of the connection', async () => {
    await using site = await siteWith(...ROOT);
    for await (const { tree } of followRun(site.url, 'root')) {
      expect(tree.run.runId).toBe('root');
      break;
    }
    await vi.waitFor(() => expect(site.passage.ended).toBe(1));
  });

  test('can end an iterator that waits', async () => {
    await using site = await siteWith(...ROOT);
    const updates = followRun(site.url, 'root');
    await updates.next();
    const waiting = updates.next();
    await updates.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await updates.next()).toEqual({ done: true, value: undefined });
    await vi.waitFor(() => expect(site.passage.ended).toBe(1));
  });

  test('asks nothing of the server before asking for the first update', async () => {
    await using site = await siteWith(...ROOT);
    const updates = followRun(site.url, 'root');
    await updates.return?.();
    expect(await updates.next()).toEqual({ done: true, value: undefined });
    expect(site.passage.connections).toBe(0);
  });
});
