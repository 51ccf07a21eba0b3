import { setTimeout } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { MAY_HEAL } from './runner.ts';

/** Somebody who has the list of active runs on a screen: over a WebSocket, made again with the newest cursor when it is lost. */
export class Overseer {
  /** What was told last of each run. */
  readonly statuses = new Map<string, string>();
  /** How often the list began anew. */
  resets = 0;
  /** What another attempt does not heal. */
  readonly errors: unknown[] = [];
  readonly #client: Client;
  readonly #variables: { after: string | null } = { after: null };

  constructor(url: string) {
    this.#client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => setTimeout(20),
      shouldRetry: () => true,
    });
    this.#follow();
  }

  async end(): Promise<void> {
    await this.#client.dispose();
  }

  #follow(): void {
    this.#client.subscribe<Data>(
      { query: QUERY, variables: this.#variables },
      {
        next: ({ data, errors }) => (data ? this.#take(data.activeRunChanges) : this.#fail(errors ?? [])),
        complete: () => undefined,
        error: (error) => this.#fail(Array.isArray(error) ? error : [error]),
      },
    );
  }

  /** The last result of a subscription says what went wrong. */
  #fail(errors: readonly { readonly extensions?: { readonly code?: unknown } }[]): void {
    const lasting = errors.filter(({ extensions }) => !MAY_HEAL.includes(extensions?.code));
    this.errors.push(...lasting);
    if (lasting.length === 0) void setTimeout(50).then(() => this.#follow());
  }

  #take({ cursor, reset, changedRuns }: Change): void {
    if (reset) {
      this.resets += 1;
      this.statuses.clear();
    }
    this.#variables.after = cursor;
    for (const { runId, status } of changedRuns) this.statuses.set(runId, status);
  }
}

interface Data {
  readonly activeRunChanges: Change;
}

interface Change {
  readonly cursor: string;
  readonly reset: boolean;
  readonly changedRuns: readonly { readonly runId: string; readonly status: string }[];
}

const QUERY = `subscription ($after: String) {
  activeRunChanges(after: $after) { cursor reset changedRuns { runId status } }
}`;
