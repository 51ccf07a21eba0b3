import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FollowedRun, FollowedTree } from '../../../src/client/follow/tree.ts';
import type { Config } from '../../../src/config.ts';
import type { RunEvent } from '../../../src/model.ts';
import { type RunningServer, startServer } from '../../../src/server/server.ts';
import { openStore } from '../../../src/store/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { memoryLogger, testConfig } from '../../server/harness.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { Passage } from './passage.ts';

/** A server that goes away and comes back over the same file, and the way to it. */
export class Site implements AsyncDisposable {
  readonly file: string;
  readonly passage: Passage;
  readonly #folder: string;
  readonly #config: Config;
  #store: Store;
  #server: RunningServer;

  private constructor(folder: string, config: Config, store: Store, server: RunningServer, passage: Passage) {
    this.#folder = folder;
    this.file = join(folder, 'runs.db');
    this.#config = config;
    this.#store = store;
    this.#server = server;
    this.passage = passage;
  }

  static async open(config: Partial<Config> = {}): Promise<Site> {
    const folder = await temporaryFolder();
    const whole = testConfig({ stopTimeoutMs: 0, ...config });
    const { store } = await openStore(join(folder, 'runs.db'));
    const server = await serve(store, whole);
    return new Site(folder, whole, store, server, await Passage.to(server.port));
  }

  /** Where clients find the server, whichever it is. */
  get url(): string {
    return `http://127.0.0.1:${this.passage.port}/graphql`;
  }

  /** Records events one by one, so that one that is refused takes no other with it. */
  async write(...events: readonly RunEvent[]): Promise<void> {
    for (const event of events) await this.#store.record([event]);
  }

  /** Records events in one transaction; none may be refused. */
  async writeAll(events: readonly RunEvent[]): Promise<void> {
    const recorded = await this.#store.record(events);
    if (!recorded.ok) throw new Error(recorded.refusals.map(({ message }) => message).join('\n'));
  }

  async stopServer(): Promise<void> {
    await this.#server.close();
  }

  async startServer(): Promise<void> {
    this.#server = await serve(this.#store, this.#config);
    this.passage.leadTo(this.#server.port);
  }

  /** Ends the server and its store; what `between` does happens while nobody has the file open. */
  async restart(between: () => Promise<void> = async () => {}): Promise<void> {
    await this.#server.close();
    await this.#store.close();
    await between();
    ({ store: this.#store } = await openStore(this.file));
    await this.startServer();
  }

  /** What the API says about a run and everything inside it, asked anew. */
  fresh(runId: string): Promise<unknown> {
    return freshTree(this.#server.url, runId, this.#config.token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.passage.close();
    await this.#server.close();
    await this.#store.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** What the API at an address says about a run and everything inside it. */
export async function freshTree(url: string, runId: string, token: string | null = null): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: WHOLE_TREE, variables: { runId } }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const { descendants, ...run } = data.dagRun;
  return byId([run, ...descendants.nodes]);
}

/** A tree that was followed, in the shape of `freshTree`. */
export function told(tree: FollowedTree): unknown {
  const runs = tree.runs.values().map((run) => ({
    ...run,
    nodes: tree.nodesOf(run.runId).map(({ runId: _, ...node }) => ({
      ...node,
      subDags: tree.partsOf(run.runId, node.nodeLabel).map(({ key, run: newest, earlierRuns }) => ({
        key,
        run: stateOf(newest),
        earlierRuns: earlierRuns.map(stateOf),
      })),
    })),
    edges: tree.edgesOf(run.runId).map(({ runId: _, ...edge }) => edge),
  }));
  return byId([...runs]);
}

function stateOf({ runId, status }: FollowedRun): unknown {
  return { runId, status };
}

function byId(runs: readonly { readonly runId: string }[]): unknown {
  return runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
}

function serve(store: Store, config: Config): Promise<RunningServer> {
  return startServer({ store, config, logger: memoryLogger().logger });
}

const WHOLE_TREE = `
  query ($runId: ID!) {
    dagRun(runId: $runId) { ...Whole descendants(first: 1000) { nodes { ...Whole } } }
  }
  fragment Whole on DagRun {
    runId dagNsref parentRunId status statusText startedAt finishedAt initiatedBy
    nodes {
      nodeLabel status statusText isSource isSink startedAt finishedAt error
      subDags { key run { runId status } earlierRuns { runId status } }
    }
    edges { upstreamLabel downstreamLabel traversedAt }
  }`;
