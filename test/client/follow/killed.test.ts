import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection } from '../../../src/client/follow/retry.ts';
import type { RunEvent } from '../../../src/model.ts';
import { openStore } from '../../../src/store/open.ts';
import { type Serving, serve } from '../../commands/program.ts';
import { completed, created, failed, finished, started } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { Client } from './client.ts';
import { freshTree } from './site.ts';

const CLIENTS = 20;
const KILLS = 2;
const WIDTH = 60;

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

/** All of a fan-out in which some parts fail, in the order in which it happens. */
function* fanOut(): Generator<RunEvent> {
  yield created('root', { dagNsref: 'etl:wide' });
  yield started('root', 'each');
  for (let index = 0; index < WIDTH; index++) {
    const runId = `part-${index}`;
    yield created(runId, { dagNsref: `etl:wide/each[${index}]`, parentRunId: 'root' });
    for (const label of ['load', 'clean', 'store']) {
      yield started(runId, label);
      yield completed(runId, label, {
        edges: label === 'store' ? [] : [{ upstreamLabel: label, downstreamLabel: 'store' }],
      });
    }
    if (index % 7 === 3) {
      yield started(runId, 'check');
      yield failed(runId, 'check');
    }
    yield finished(runId, { status: index % 7 === 3 ? 'failed' : 'completed' });
  }
  yield completed('root', 'each');
  yield finished('root');
}

function connectionsMade(connections: readonly Connection[]): number {
  return connections.filter(({ state }) => state === 'connected').length;
}

test('twenty clients follow a run while their server is killed again and again, and end up with all of it', async () => {
  const file = join(await mkdtemp(join(folder, 'store-')), 'runs.db');
  const { store } = await openStore(file);
  const events = [...fanOut()];
  const write = async (count: number): Promise<void> => {
    expect(await store.record(events.splice(0, count))).toMatchObject({ ok: true });
  };
  await write(10);

  let server: Serving = await serve(['serve', file]);
  onTestFinished(() => void server.stop('SIGKILL'));
  const { url } = server;
  const clients = Array.from({ length: CLIENTS }, () => new Client(url, 'root', { retryDelay: () => 50 }));
  for (let kills = 0; kills < KILLS; kills++) {
    const areBack = () => clients.every(({ connections }) => connectionsMade(connections) > kills);
    await vi.waitFor(() => expect(areBack()).toBe(true), { timeout: 10_000 });
    for (let burst = 0; burst < 20; burst++) {
      await write(5);
      await setTimeout(2);
    }
    await server.stop('SIGKILL');
    await write(30);
    server = await serve(['serve', file, '--port', new URL(url).port]);
  }
  await write(events.length);
  await Promise.all(clients.map(({ end }) => end));

  const whole = await freshTree(url, 'root');
  for (const client of clients) {
    expect(client.told).toEqual(whole);
    expect(connectionsMade(client.connections)).toBeGreaterThan(KILLS);
    expect(client.updates.filter(({ reset }) => reset)).toHaveLength(1);
  }
  await store.close();
});
