/** Clients that follow a run, as others have written them, over each transport; and what a server holds for them. */
import { setTimeout } from 'node:timers/promises';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { vi } from 'vitest';
import WebSocket from 'ws';
import type { Store } from '../../src/store/store.ts';
import { created, started } from '../support/events.ts';
import { type Harness, type HarnessOptions, overriding, serveForTest } from './harness.ts';

export const FOLLOW = `subscription Follow($runId: ID = "run", $after: String) {
  dagRunChanges(runId: $runId, after: $after) {
    cursor
    reset
    changedRuns { runId status }
    changedNodes { nodeLabel status }
  }
}`;

export interface Change {
  readonly cursor: string;
  readonly reset: boolean;
  readonly changedRuns: readonly { readonly runId: string; readonly status: string }[];
  readonly changedNodes: readonly { readonly nodeLabel: string; readonly status: string }[];
}

/** What a client is sent: an event, or the one result of another operation. */
interface Sent {
  readonly data?: { readonly dagRunChanges?: Change } | null | undefined;
  readonly errors?: readonly SentError[] | undefined;
}

interface SentError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

interface Sink {
  next(sent: Sent): void;
  complete(): void;
  error(error: unknown): void;
}

interface Options {
  readonly token?: string | undefined;
  /** How often it comes again, at once, when it loses its connection. */
  readonly retries: number;
}

export interface Transport {
  readonly name: string;
  /** Begins an operation, and gives the function that ends it. */
  subscribe(url: string, operation: Operation, sink: Sink, options: Options): () => void;
}

export const SSE: Transport = {
  name: 'server-sent events',
  subscribe(url, operation, sink, { token, retries }) {
    const client = createSseClient({
      url,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      retryAttempts: retries,
      retry: () => setTimeout(20),
    });
    return client.subscribe(operation, sink);
  },
};

export const WEB_SOCKET: Transport = {
  name: 'a WebSocket',
  subscribe(url, operation, sink, { token, retries }) {
    const client = createWsClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: token === undefined ? {} : { authorization: `Bearer ${token}` },
      retryAttempts: retries,
      retryWait: () => setTimeout(20),
      shouldRetry: () => true,
    });
    return client.subscribe(operation, sink);
  },
};

export const TRANSPORTS: readonly Transport[] = [SSE, WEB_SOCKET];

/** What one client has seen so far. */
export class Following implements Sink {
  readonly sent: Sent[] = [];
  /** What it ended with: `complete`, or the error. */
  end: unknown;
  readonly #variables: Record<string, unknown>;
  readonly #leave: () => void;

  constructor(
    transport: Transport,
    url: string,
    { query = FOLLOW, variables = {}, token, retries = 0 }: Partial<Operation & Options> = {},
  ) {
    this.#variables = variables;
    this.#leave = transport.subscribe(url, { query, variables }, this, { token, retries });
  }

  next(sent: Sent): void {
    this.sent.push(sent);
    // Clients send the variables again when they come again: so they go on from where they were.
    const cursor = sent.data?.dagRunChanges?.cursor;
    if (cursor !== undefined) this.#variables.after = cursor;
  }

  complete(): void {
    this.end = 'complete';
  }

  error(error: unknown): void {
    this.end = error;
  }

  get changes(): Change[] {
    return this.sent.flatMap(({ data }) => data?.dagRunChanges ?? []);
  }

  /** What happened to nodes, in the order in which it was told. */
  get nodes(): string[] {
    return this.changes.flatMap((change) => change.changedNodes.map((node) => `${node.nodeLabel} ${node.status}`));
  }

  get codes(): unknown[] {
    const inResults = this.sent.flatMap(({ errors = [] }) => errors);
    const errors = Array.isArray(this.end) ? [...inResults, ...this.end] : inResults;
    return errors.map(({ extensions }) => extensions?.code);
  }

  leave(): void {
    this.#leave();
  }
}

/** A server with a run that has a node on its way. */
export async function serveRun(options: HarnessOptions = {}): Promise<Harness> {
  const harness = await serveForTest(options);
  await harness.store.record([created('run'), started('run', 'a')]);
  return harness;
}

/** Waits until what is expected holds. */
export function eventually<T>(expected: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expected, { timeout: 10_000, interval: 5 });
}

/** Tells how many feeds listen to a store: none once nobody follows anything. */
export function watched(): { wrap: (store: Store) => Store; listening: () => number } {
  let count = 0;
  const wrap = (store: Store) =>
    overriding(store, {
      onWake(listener) {
        const stop = store.onWake(listener);
        count += 1;
        return () => {
          count -= 1;
          stop();
        };
      },
    });
  return { wrap, listening: () => count };
}
