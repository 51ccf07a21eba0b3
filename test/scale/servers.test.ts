import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';
import { DATABASES } from './databases.ts';
import { perform } from './stage.ts';

const SERVERS = 3;
const KILLS = 3;
const BETWEEN_KILLS_MS = 1_000;
/** Ten servers are started one after the other: nine seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 120_000;

describe.each(DATABASES)('three servers over $name, one killed every second or two', (database) => {
  test(
    'lose nothing that they acknowledged, record nothing twice, and all who follow end up with all of it',
    async () => {
      const store = await database.open();
      const cluster = await Cluster.over(store, SERVERS);
      const cast = { runners: 16, clients: 45, overseers: 5, pauseMs: 25 };
      const { runners } = await perform(cluster, store, cast, async () => {
        for (let kill = 0; kill < KILLS; kill++) {
          await setTimeout(BETWEEN_KILLS_MS);
          await cluster.replace(kill);
        }
      });
      expect(runners.some(({ repeats }) => repeats > 0)).toBe(true);
    },
    TIMEOUT_MS,
  );
});
