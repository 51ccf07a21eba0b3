import { type FollowRunOptions, followRun, type TreeUpdate } from '../../../src/client/follow/follow.ts';
import type { Connection } from '../../../src/client/follow/retry.ts';
import type { FollowedTree } from '../../../src/client/follow/tree.ts';
import { told } from './site.ts';

/** Somebody who follows a run in the background, and comes back soon when the connection is lost. */
export class Client {
  readonly connections: Connection[] = [];
  readonly updates: TreeUpdate[] = [];
  /** Resolves when the following has ended by itself, and rejects if it failed. */
  readonly end: Promise<void>;
  tree: FollowedTree | null = null;
  /** What it knew at the last update, in the shape of `freshTree`. */
  told: unknown = null;
  #goOn: PromiseWithResolvers<void> | null = null;

  constructor(url: string, runId: string, options: FollowRunOptions = {}) {
    this.end = this.#follow(
      followRun(url, runId, {
        retryDelay: () => 5,
        onConnection: (connection) => this.connections.push(connection),
        ...options,
      }),
    );
    this.end.catch(() => undefined);
  }

  /** Takes no more updates. */
  pause(): void {
    this.#goOn ??= Promise.withResolvers();
  }

  resume(): void {
    this.#goOn?.resolve();
    this.#goOn = null;
  }

  async #follow(updates: AsyncIterable<TreeUpdate>): Promise<void> {
    for await (const update of updates) {
      this.tree = update.tree;
      this.told = told(update.tree);
      this.updates.push(update);
      await this.#goOn?.promise;
    }
  }
}
