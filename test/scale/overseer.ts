import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** Somebody who has the list of active runs on a screen: over a WebSocket, made again with the newest cursor when it is lost. */
export class Overseer {
  /** What was told last of each run. */
  readonly statuses = new Map<string, string>();
  /** How often the list began anew. */
  resets = 0;
  /** How often a connection was made. */
  connections = 0;
  /** What could not be healed. */
  readonly errors: unknown[] = [];
  readonly #end: () => Promise<void>;

  constructor(url: string) {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
      shouldRetry: () => true,
      on: { connected: () => void this.connections++ },
    });
    const variables: { after: string | null } = { after: null };
    const end = client.subscribe<{ readonly activeRunChanges: Change }>(
      { query: QUERY, variables },
      {
        next: ({ data, errors }) => {
          if (!data) return void this.errors.push(errors);
          variables.after = data.activeRunChanges.cursor;
          this.#take(data.activeRunChanges);
        },
        complete: () => undefined,
        error: (error) => this.errors.push(error),
      },
    );
    this.#end = async () => {
      end();
      await client.dispose();
    };
  }

  end(): Promise<void> {
    return this.#end();
  }

  #take({ reset, changedRuns }: Change): void {
    if (reset) {
      this.resets += 1;
      this.statuses.clear();
    }
    for (const { runId, status } of changedRuns) this.statuses.set(runId, status);
  }
}

interface Change {
  readonly cursor: string;
  readonly reset: boolean;
  readonly changedRuns: readonly { readonly runId: string; readonly status: string }[];
}

const QUERY = `subscription ($after: String) {
  activeRunChanges(after: $after) { cursor reset changedRuns { runId status } }
}`;
