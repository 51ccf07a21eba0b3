import { setTimeout as wait } from 'node:timers/promises';
import { type Client, query, type Sighting } from './client.ts';
import { clock } from './clock.ts';
import { newestIn } from './writes.ts';

const RUN = 'runId dagNsref parentRunId status statusText startedAt finishedAt initiatedBy';
const NODES = 'nodeLabel status statusText isSource isSink startedAt finishedAt error';
const EDGES = 'edges { upstreamLabel downstreamLabel traversedAt }';
const level = (inner: string): string => `${RUN} nodes { ${NODES} ${inner} } ${EDGES}`;
const tree = (runId: string): string =>
  `{ dagRun(runId: "${runId}") { ${level(`subDags { key run { ${level(`subDags { key run { ${level('')} } }`)} } }`)} } }`;

/** Reads the whole tree of a run again and again, as a client does to which nothing is pushed. Begins somewhere in its interval. */
export class Poller implements Client {
  #newest = -1;
  #left = false;
  sightings: Sighting[] = [];
  received = 0;

  constructor(url: string, runId: string, intervalMs: number) {
    this.#poll(url, runId, intervalMs);
  }

  reset(): void {
    this.sightings = [];
    this.received = 0;
  }

  leave(): void {
    this.#left = true;
  }

  async #poll(url: string, runId: string, intervalMs: number): Promise<void> {
    for (let due = clock() + Math.random() * intervalMs; ; due = Math.max(due + intervalMs, clock())) {
      await wait(Math.max(0, due - clock()));
      if (this.#left) return;
      const answer = await query(url, tree(runId));
      const at = clock();
      this.received += 1;
      const newest = newestIn(answer);
      if (newest <= this.#newest) continue;
      this.#newest = newest;
      this.sightings.push({ newest, at });
    }
  }
}
