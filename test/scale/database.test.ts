import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { Passage } from '../client/follow/passage.ts';
import { newDatabase } from '../support/postgres.ts';
import { Cluster } from './cluster.ts';
import { KillablePostgres } from './killablePostgres.ts';
import { perform } from './stage.ts';

const CAST = { runners: 8, clients: 16, overseers: 4, pauseMs: 25 };
/** Ten seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 120_000;

test(
  'PostgreSQL is killed and comes back: all who follow are told so and go on, and nothing acknowledged is lost',
  async () => {
    const postgres = await KillablePostgres.start();
    const cluster = await Cluster.over(postgres.url, 2);
    const { clients } = await perform(cluster, postgres.url, CAST, async () => {
      await setTimeout(700);
      await postgres.kill();
      // More than the second after which followers look even if nobody has woken them.
      await setTimeout(1_500);
      await postgres.restart();
      await setTimeout(700);
      await postgres.killConnection();
      await setTimeout(1_500);
    });
    for (const { connections } of clients) {
      const losses = connections.filter((connection) => connection.state === 'lost').map(({ error }) => error);
      expect(losses.some((error) => error instanceof Fault && error.code === 'STORE_UNAVAILABLE')).toBe(true);
    }
  },
  TIMEOUT_MS,
);

test(
  'The network to PostgreSQL is cut again and again, at commits too: nothing acknowledged is lost, and nothing recorded twice',
  async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const passage = await Passage.to(Number(new URL(url).port));
    onTestFinished(() => passage.close());
    const cluster = await Cluster.over(url.replace(/:\d+\//, `:${passage.port}/`), 2);
    await perform(cluster, url, CAST, async () => {
      for (let cuts = 0; cuts < 10; cuts++) {
        await setTimeout(150);
        passage.loseAnswerTo('COMMIT\0');
        await setTimeout(150);
        passage.cut();
      }
    });
    expect(passage.ended).toBeGreaterThan(10);
  },
  TIMEOUT_MS,
);
