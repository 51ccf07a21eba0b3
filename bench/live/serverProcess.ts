/** What runs in a process of its own: a server, and what it costs. Also writes into its store, as a program that embeds it does. */
import { loadConfig } from '../../src/config.ts';
import type { RunEvent } from '../../src/model.ts';
import { createLogger } from '../../src/server/log.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { answerAsked } from '../child.ts';
import { clock } from './clock.ts';
import { keepPace, type Pace } from './pace.ts';
import { numberOf, writeOf } from './writes.ts';

export type ServerHandlers = typeof handlers;

/** What the process has used since it began. */
export interface Usage {
  readonly cpuMs: number;
  /** How often changes were read from the store. */
  readonly reads: number;
}

/** In bytes, after garbage was collected. */
export interface Memory {
  /** What is in use on the heap and beside it. */
  readonly heap: number;
  /** What the process has of the machine's memory. */
  readonly process: number;
}

let store: Store;
let server: RunningServer;
let reads = 0;
/** When writes were committed, by their numbers. */
let commits = new Map<number, number>();

const handlers = {
  /** Gives the address of GraphQL. */
  async serve({ path }: { readonly path: string }): Promise<string> {
    ({ store } = await openStore(path));
    meter(store);
    const config = { ...loadConfig({}), port: 0, stopTimeoutMs: 100, maxConnectionsPerAddress: 10_000 };
    server = await startServer({ store, config, logger: createLogger('error') });
    return server.url;
  },

  async record(events: readonly RunEvent[]): Promise<void> {
    const recorded = await store.record(events);
    if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
  },

  write({ runId, pace }: { readonly runId: string; readonly pace: Pace }): Promise<void> {
    return keepPace(pace, (number) => handlers.record([writeOf(runId, number)]));
  },

  /** The commits since they were last asked for. */
  commits(): ReadonlyMap<number, number> {
    const taken = commits;
    commits = new Map();
    return taken;
  },

  usage(): Usage {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, reads };
  },

  async memory(): Promise<Memory> {
    await globalThis.gc?.({ execution: 'async', type: 'major' });
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, process: rss };
  },

  async close(): Promise<void> {
    await server.close();
    await store.close();
  },
};

/** Has the store count its reads and note its commits. */
function meter(metered: Store): void {
  const record = metered.record.bind(metered);
  const treeChanges = metered.treeChanges.bind(metered);
  metered.record = async (events) => {
    const recorded = await record(events);
    const at = clock();
    for (const number of events.map(numberOf)) if (number !== null) commits.set(number, at);
    return recorded;
  };
  metered.treeChanges = (...question) => {
    reads += 1;
    return treeChanges(...question);
  };
}

answerAsked(handlers);
