import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from './client.ts';
import { clock } from './clock.ts';
import { type Latencies, latenciesOf } from './latency.ts';
import type { Pace } from './pace.ts';
import type { Site } from './site.ts';

/** What came of some writes at a steady pace, before some clients. */
export interface Cell extends Latencies {
  readonly writesPerSecond: number;
  /** What the server used, in percent of a core. */
  readonly serverPercent: number;
  /** What the process of the clients used: where it is near 100, it holds them up itself. */
  readonly clientsPercent: number;
  readonly cpuMicrosPerWrite: number;
  /** Of the server, its own writing included. */
  readonly cpuMicrosPerEvent: number;
  /** Events or answers that a client got for each write: below 1 where several changes came at once. */
  readonly eventsPerWrite: number;
  /** How often the server read changes from its store, for each write. */
  readonly readsPerWrite: number;
  /** Clients that had not seen the last write in time. */
  readonly behind: number;
}

/** How long clients may take to see the last write, in milliseconds. */
const PATIENCE = 10_000;

export async function measureCell(site: Site, runId: string, clients: readonly Client[], pace: Pace): Promise<Cell> {
  for (const client of clients) client.reset();
  const before = await site.server.ask('usage', undefined);
  const cpuBefore = process.cpuUsage();
  const start = clock();
  const commits = await site.write(runId, pace);
  const written = clock();
  const behind = await laggards(clients, pace.until - 1);
  const elapsed = clock() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = await site.server.ask('usage', undefined);

  const writes = pace.until - pace.from;
  const events = clients.reduce((sum, { received }) => sum + received, 0);
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    ...latenciesOf(clients, pace.from, commits),
    writesPerSecond: (writes * 1000) / (written - start),
    serverPercent: (cpuMs * 100) / elapsed,
    clientsPercent: (user + system) / 10 / elapsed,
    cpuMicrosPerWrite: (cpuMs * 1000) / writes,
    cpuMicrosPerEvent: (cpuMs * 1000) / events,
    eventsPerWrite: events / writes / clients.length,
    readsPerWrite: (after.reads - before.reads) / writes,
    behind,
  };
}

/** Waits until all have seen a write, and gives how many have not. */
async function laggards(clients: readonly Client[], last: number): Promise<number> {
  const deadline = clock() + PATIENCE;
  for (;;) {
    const behind = clients.filter(({ sightings }) => sightings.at(-1)?.newest !== last).length;
    if (behind === 0 || clock() > deadline) return behind;
    await wait(10);
  }
}
