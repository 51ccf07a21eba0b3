import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { Client } from '../client/follow/client.ts';
import { freshTree, Site } from '../client/follow/site.ts';
import { Cluster } from './cluster.ts';
import { DATABASES } from './databases.ts';
import { Overseer } from './overseer.ts';
import { Runner } from './runner.ts';
import { nestedRun } from './script.ts';

const SERVERS = 3;
const RUNNERS = 16;
const CLIENTS = 45;
const OVERSEERS = 5;
const KILLS = 4;
const BETWEEN_KILLS_MS = 1_000;
const PAUSE_MS = 10;

describe.each(DATABASES)('many servers over $name, one killed every second or two', (database) => {
  test('lose nothing that they acknowledged, record nothing twice, and everyone who follows ends up with all of it', async () => {
    await using db = await database.open();
    await using cluster = await Cluster.over(db.store, SERVERS);
    const { url } = cluster;

    const runIds = Array.from({ length: RUNNERS }, (_, index) => `run-${index}`);
    const overseers = Array.from({ length: OVERSEERS }, () => new Overseer(url));
    let isOver = false;
    const runners = runIds.map(() => new Runner(url));
    const reported = Promise.all(
      runners.map((runner, index) =>
        runner.report(
          nestedRun(runIds[index] ?? '', () => isOver),
          PAUSE_MS,
        ),
      ),
    );
    await vi.waitFor(() => expect(runners.every(({ acknowledged }) => acknowledged.length > 0)).toBe(true), 10_000);
    const clients = Array.from(
      { length: CLIENTS },
      (_, index) => new Client(url, runIds[index % RUNNERS] ?? '', { retryDelay: () => 50 }),
    );
    for (let kill = 0; kill < KILLS; kill++) {
      await setTimeout(BETWEEN_KILLS_MS);
      await cluster.replace(kill);
    }
    isOver = true;
    await reported;
    await Promise.all(clients.map(({ end }) => end));
    await vi.waitFor(() => {
      for (const { statuses } of overseers) expect(statuses).toEqual(new Map(runIds.map((id) => [id, 'COMPLETED'])));
    }, 10_000);
    await Promise.all(overseers.map((overseer) => overseer.end()));
    await using oracle = await Site.open();
    for (const { acknowledged } of runners) await oracle.writeAll(acknowledged);
    for (const [index, runId] of runIds.entries()) {
      const whole = await freshTree(url, runId);
      expect(whole).toEqual(await oracle.fresh(runId));
      for (const client of clients.filter((_, at) => at % RUNNERS === index)) {
        expect(client.told).toEqual(whole);
        expect(client.updates.filter(({ reset }) => reset)).toHaveLength(1);
      }
    }
    const { store } = await openStore(db.store);
    for (const { acknowledged } of runners) {
      expect(await store.record(acknowledged)).toEqual({ ok: true, changed: acknowledged.map(() => false) });
    }
    await store.close();
    expect(overseers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(overseers.map(({ resets }) => resets)).toEqual(overseers.map(() => 1));
  });
});
