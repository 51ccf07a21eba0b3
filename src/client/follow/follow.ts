/**
 * Follows a run and everything inside it over any number of connections, and holds its newest state. Runs in browsers too.
 *
 * What comes is taken at once, whether somebody asks for it or not. So a slow reader gets the newest tree, and nothing
 * piles up for it but the names of what changed.
 */
import { Fault } from '../../errors.ts';
import { DagRunChangesDocument, type DagRunChangesSubscription } from '../gql/graphql.ts';
import { News } from './news.ts';
import { resume } from './resume.ts';
import type { RetryOptions } from './retry.ts';
import { type ServerOptions, type Subscribe, subscribeAt } from './subscribe.ts';
import {
  type FollowedEdge,
  type FollowedNode,
  type FollowedRun,
  type FollowedTree,
  HeldTree,
  type TreeChange,
} from './tree.ts';

export interface FollowOptions extends RetryOptions {
  /** Ends the following, quietly. */
  readonly signal?: AbortSignal | undefined;
}

export interface FollowRunOptions extends FollowOptions, Omit<ServerOptions, 'url'> {}

/** What became of a tree since the update before. */
export interface TreeUpdate {
  /** The tree as it is now. It goes on changing; between updates too, when more has come. */
  readonly tree: FollowedTree;
  /** What was held before is void, and `tree` another one: true for the first update. */
  readonly reset: boolean;
  /** Newest states; each run, node and edge once. */
  readonly changedRuns: readonly FollowedRun[];
  readonly changedNodes: readonly FollowedNode[];
  readonly newEdges: readonly FollowedEdge[];
}

/**
 * Follows a run on a server until its whole tree has ended. A lost connection is made again, and what was missed comes then.
 *
 * @param url Where GraphQL is, such as `http://127.0.0.1:4000/graphql`.
 * @throws Fault (from the iteration) what trying again does not heal: BAD_REQUEST for a run that does not exist or an address
 *   where no API is, UNAUTHENTICATED, FORBIDDEN.
 *
 * @example
 * for await (const { tree, changedNodes } of followRun(url, runId)) draw(tree, changedNodes);
 */
export function followRun(
  url: string,
  runId: string,
  { token, silenceMs, ...options }: FollowRunOptions = {},
): AsyncIterableIterator<TreeUpdate> {
  if (!URL.canParse(url)) throw new Fault('BAD_REQUEST', `${JSON.stringify(url)} is no address; give a whole URL.`);
  return follow(subscribeAt({ url, token, silenceMs }), runId, options);
}

/** As `followRun`, from wherever subscriptions are to be had. */
export function follow(
  subscribe: Subscribe,
  runId: string,
  options: FollowOptions = {},
): AsyncIterableIterator<TreeUpdate> {
  return new Follower(subscribe, runId, options);
}

/** Made by hand, not as a generator: one that waits could not be ended from outside. */
class Follower implements AsyncIterableIterator<TreeUpdate> {
  readonly #subscribe: Subscribe;
  readonly #runId: string;
  readonly #options: FollowOptions;
  readonly #stop = new AbortController();
  /** The tree that is shown. */
  #tree: HeldTree | null = null;
  /** The tree that takes changes: another one after a reset, until the run itself has come. */
  #coming: HeldTree;
  #news = new News();
  #isReset = false;
  #listening: Promise<void> | null = null;
  #end: { readonly error?: unknown } | null = null;
  #nudge: (() => void) | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(subscribe: Subscribe, runId: string, options: FollowOptions) {
    this.#subscribe = subscribe;
    this.#runId = runId;
    this.#options = options;
    this.#coming = new HeldTree(runId);
  }

  next(): Promise<IteratorResult<TreeUpdate>> {
    const step = () => this.#step();
    const result = this.#last.then(step, step);
    this.#last = result;
    return result;
  }

  async return(): Promise<IteratorResult<TreeUpdate>> {
    this.#stop.abort();
    await this.#listening;
    this.#forgetNews();
    this.#finish({});
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<TreeUpdate>> {
    this.#listening ??= this.#end ? Promise.resolve() : this.#listen();
    for (;;) {
      const update = this.#update();
      if (update) return { done: false, value: update };
      if (this.#end) break;
      await new Promise<void>((resolve) => {
        this.#nudge = resolve;
      });
    }
    const { error } = this.#end;
    this.#end = {};
    if (error !== undefined) throw error;
    return DONE;
  }

  #update(): TreeUpdate | null {
    const tree = this.#tree;
    const news = this.#news;
    const reset = this.#isReset;
    if (!tree || tree !== this.#coming || (news.isEmpty && !reset)) return null;
    this.#forgetNews();
    return { tree, reset, changedRuns: [...news.runs], changedNodes: [...news.nodes], newEdges: [...news.edges] };
  }

  #forgetNews(): void {
    this.#news = new News();
    this.#isReset = false;
  }

  async #listen(): Promise<void> {
    const { signal, ...options } = this.#options;
    const stop = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    const open = async (after: string | null) =>
      changesOf(await this.#subscribe(DagRunChangesDocument, { runId: this.#runId, after }, stop));
    const hasEnded = () => this.#tree === this.#coming && this.#tree.ended;
    try {
      for await (const change of resume({ ...options, open, hasEnded, signal: stop })) this.#take(change);
      this.#finish({});
    } catch (error) {
      this.#finish({ error });
    }
  }

  #take(change: TreeChange): void {
    if (change.reset) {
      this.#coming = new HeldTree(this.#runId);
      this.#news = new News();
    }
    this.#coming.apply(change, this.#news);
    if (this.#tree !== this.#coming && this.#coming.hasRun) {
      this.#tree = this.#coming;
      this.#isReset = true;
    }
    this.#nudge?.();
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#nudge?.();
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

async function* changesOf(events: AsyncIterable<DagRunChangesSubscription>): AsyncGenerator<TreeChange> {
  for await (const { dagRunChanges } of events) yield dagRunChanges;
}
