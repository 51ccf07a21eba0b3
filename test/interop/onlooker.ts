import { followRun } from '../../src/client/follow/follow.ts';
import { resume } from '../../src/client/follow/resume.ts';
import type { Connection } from '../../src/client/follow/retry.ts';
import { subscribeAt } from '../../src/client/follow/subscribe.ts';
import type { FollowedTree } from '../../src/client/follow/tree.ts';
import { ActiveRunChangesDocument, type ActiveRunChangesSubscription } from '../../src/client/gql/graphql.ts';
import { followed, type ToldRun } from './told.ts';

type ActiveRunChange = ActiveRunChangesSubscription['activeRunChanges'];

/** Somebody who looks at the runs that become active, and follows each of them; all over connections that may be lost. */
export class Onlooker implements AsyncDisposable {
  /** The statuses in which each root run was seen in the list of active runs, one after the other. */
  readonly statuses: Record<string, string[]> = {};
  /** The root runs of which the following has come to its end. */
  readonly completed = new Set<string>();
  /** What began anew: "all runs", or a root run. Each does so once, at first. */
  readonly resets: string[] = [];
  /** How often a connection was lost. */
  losses = 0;
  readonly #url: string;
  readonly #trees = new Map<string, FollowedTree>();
  readonly #stop = new AbortController();
  readonly #tasks: Promise<void>[] = [];
  readonly #ready = Promise.withResolvers<void>();

  private constructor(url: string) {
    this.#url = url;
    this.#start(this.#lookAtList());
  }

  /** Resolves when it sees what becomes active from now on. */
  static async at(url: string): Promise<Onlooker> {
    const onlooker = new Onlooker(url);
    await onlooker.#ready.promise;
    return onlooker;
  }

  /** All trees as they are held now, by their root runs. */
  get trees(): Record<string, ToldRun> {
    return Object.fromEntries([...this.#trees].map(([runId, tree]) => [runId, followed(tree)]));
  }

  /** Throws if something did not go on for ever, or until its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#tasks);
  }

  async #lookAtList(): Promise<void> {
    const { signal } = this.#stop;
    const subscribe = subscribeAt({ url: this.#url });
    const open = async (after: string | null) =>
      changesOf(await subscribe(ActiveRunChangesDocument, { after }, signal));
    const changes = resume({ ...this.#connecting, open, hasEnded: () => false, signal });
    for await (const { reset, changedRuns } of changes) {
      if (reset) this.resets.push('all runs');
      this.#ready.resolve();
      for (const { runId, status } of changedRuns) {
        const seen = this.statuses[runId] ?? [];
        if (!this.statuses[runId]) this.#start(this.#follow(runId));
        if (seen.at(-1) !== status) this.statuses[runId] = [...seen, status];
      }
    }
  }

  async #follow(runId: string): Promise<void> {
    const { signal } = this.#stop;
    for await (const { tree, reset } of followRun(this.#url, runId, { ...this.#connecting, signal })) {
      if (reset) this.resets.push(runId);
      this.#trees.set(runId, tree);
    }
    if (!signal.aborted) this.completed.add(runId);
  }

  /** Keeps whatever fails for the end. */
  #start(task: Promise<void>): void {
    task.catch((error: unknown) => this.#ready.reject(error));
    this.#tasks.push(task);
  }

  get #connecting() {
    return {
      retryDelay: () => 10,
      onConnection: ({ state }: Connection) => {
        this.losses += Number(state === 'lost');
      },
    };
  }
}

async function* changesOf(events: AsyncIterable<ActiveRunChangesSubscription>): AsyncGenerator<ActiveRunChange> {
  for await (const { activeRunChanges } of events) yield activeRunChanges;
}
