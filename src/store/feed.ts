/**
 * The live feed: follows trees of runs, and the runs as a whole, from any cursor on.
 *
 * Terms
 * - A wake says that something may have changed. It is a hint: missed, doubled or reordered ones do no harm, and a sweep
 *   heals those that were lost. What changed is always read from the store, from a cursor on.
 * - A channel is what followers of the same thing share: whoever stands at the same cursor shares one read.
 * - A follower asks for changes when it can take them. One that is slow gets the newest state in fewer steps, and nothing piles up for it.
 */
import { Fault } from '../errors.ts';
import type { DagRun, EdgeTraversal, NodeExecution } from '../model.ts';
import type { MaybePromise } from './store.ts';

interface Changes {
  /** Where these changes end: whoever goes on from there misses nothing and gets nothing twice. */
  readonly cursor: string;
  /** The cursor given does not lead here, so these changes begin anew: what one holds is to be replaced. */
  readonly reset: boolean;
  /** There are more already, after the cursor. */
  readonly more: boolean;
  readonly runs: readonly DagRun[];
}

/** What changed in a tree: newest states, each row once. */
export interface TreeChanges extends Changes {
  readonly nodes: readonly NodeExecution[];
  readonly edges: readonly EdgeTraversal[];
  /** The runs that these nodes and edges are of, and the root, as far as they did not change: whoever shows them need not read them. */
  readonly around: readonly DagRun[];
  /** Whether all runs of the tree have ended. What may come then: a restart, a new sub-run, the end of a node that was still at work. */
  readonly ended: boolean;
}

/** Runs of which the own row changed: they were created, paused, went on or ended. */
export type RunChanges = Changes;

/** Which trees may have changed, by their roots; null: any. */
export type Wake = readonly string[] | null;

/** A tree, and a cursor in its changes. */
export interface TreeAt {
  readonly rootRunId: string;
  readonly cursor: string | null;
}

/** What the feed asks of a store. Cursors are the store's own texts. */
export interface ChangeSource {
  /** What changed in a tree after a cursor, at most about `limit` rows at once; without a cursor everything. Null if there is no such root. */
  treeChanges(rootRunId: string, after: string | null, limit: number): MaybePromise<TreeChanges | null>;

  /** What changed among all runs after a cursor; without one, only where they stand. */
  runChanges(after: string | null, limit: number): MaybePromise<RunChanges>;

  /** Of these trees, the roots of those that stand elsewhere than at the cursor or are gone. Without it, each of them is read. */
  movedTrees?(trees: readonly TreeAt[]): MaybePromise<readonly string[]>;

  /** Has `listener` called at each wake, until the function given back is called. */
  onWake(listener: (wake: Wake) => void): () => void;
}

export interface FeedOptions {
  /** About how many rows one step brings at most. */
  readonly rowsPerStep?: number;
  /** How often everything that is followed is looked at without a wake, in milliseconds. */
  readonly sweepEvery?: number;
}

const RUNS = Symbol('all runs');

/** How many trees a sweep asks for at once: others who read are not to wait long for it. */
const SWEPT_AT_ONCE = 500;

export class Feed {
  readonly #source: ChangeSource;
  readonly #rowsPerStep: number;
  readonly #sweepEvery: number;
  readonly #trees = new Map<string, Channel<TreeChanges>>();
  readonly #runs = new Map<typeof RUNS, Channel<RunChanges>>();
  #stop: (() => void) | null = null;
  #isSweeping = false;
  #isClosed = false;

  constructor(source: ChangeSource, { rowsPerStep = 2_000, sweepEvery = 1_000 }: FeedOptions = {}) {
    this.#source = source;
    this.#rowsPerStep = rowsPerStep;
    this.#sweepEvery = sweepEvery;
  }

  /** Follows a tree until all its runs have ended, whatever may still come after that. Ends at once if there is no such root. */
  tree(rootRunId: string, after: string | null): Follower<TreeChanges> {
    const read = (cursor: string | null) => this.#source.treeChanges(rootRunId, cursor, this.#rowsPerStep);
    return this.#follow(this.#trees, rootRunId, read, after);
  }

  /** Follows the runs as a whole, without end. */
  runs(after: string | null): Follower<RunChanges> {
    return this.#follow(this.#runs, RUNS, (cursor) => this.#source.runChanges(cursor, this.#rowsPerStep), after);
  }

  /** Has all followers fail, now and from now on, with STORE_UNAVAILABLE: what they follow has not ended. */
  close(): void {
    this.#isClosed = true;
    for (const channel of [...this.#trees.values(), ...this.#runs.values()]) channel.close(closed());
  }

  #follow<Key, C extends Changes>(
    channels: Map<Key, Channel<C>>,
    key: Key,
    read: Read<C>,
    after: string | null,
  ): Follower<C> {
    if (this.#isClosed) throw closed();
    let channel = channels.get(key);
    if (!channel) {
      channel = new Channel(read, () => {
        channels.delete(key);
        if (this.#trees.size + this.#runs.size === 0) this.#sleep();
      });
      channels.set(key, channel);
    }
    this.#listen();
    return new Follower(channel, after);
  }

  #listen(): void {
    if (this.#stop) return;
    const unsubscribe = this.#source.onWake((wake) => this.#wake(wake));
    const sweep = setInterval(() => void this.#sweep(), this.#sweepEvery);
    sweep.unref();
    this.#stop = () => {
      unsubscribe();
      clearInterval(sweep);
    };
  }

  #sleep(): void {
    this.#stop?.();
    this.#stop = null;
  }

  async #sweep(): Promise<void> {
    // A store that is slow to answer is not asked still more.
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    await Promise.all([this.#runs.get(RUNS)?.sweep(), this.#sweepTrees()]);
    this.#isSweeping = false;
  }

  async #sweepTrees(): Promise<void> {
    if (!this.#source.movedTrees) {
      await Promise.all(Array.from(this.#trees.values(), (channel) => channel.sweep()));
      return;
    }
    const waiting = [...this.#trees].flatMap(([rootRunId, channel]) =>
      channel.waitedAt().map((cursor) => ({ rootRunId, cursor })),
    );
    for (let first = 0; first < waiting.length; first += SWEPT_AT_ONCE) {
      for (const root of await this.#moved(waiting.slice(first, first + SWEPT_AT_ONCE))) this.#trees.get(root)?.wake();
    }
  }

  async #moved(trees: readonly TreeAt[]): Promise<Iterable<string>> {
    try {
      return new Set(await this.#source.movedTrees?.(trees));
    } catch {
      // What cannot be read, they are to learn themselves.
      return trees.map(({ rootRunId }) => rootRunId);
    }
  }

  #wake(wake: Wake): void {
    this.#runs.get(RUNS)?.wake();
    const woken = wake === null ? this.#trees.values() : wake.flatMap((root) => this.#trees.get(root) ?? []);
    for (const channel of woken) channel.wake();
  }
}

function closed(): Fault {
  return new Fault(
    'STORE_UNAVAILABLE',
    'Live changes stop here, as the server does. Come again later, and go on from your last cursor.',
  );
}

type Read<C> = (after: string | null) => MaybePromise<C | null>;

/** What followers of one thing share. */
class Channel<C extends Changes> {
  readonly #read: Read<C>;
  readonly #onEmpty: () => void;
  readonly #followers = new Set<Follower<C>>();
  /** Reads since the last wake, by the cursor they began at. */
  readonly #reads = new Map<string | null, Promise<C | null>>();
  /** Raised by every wake: who has seen it need not look again. */
  wakes = 0;

  constructor(read: Read<C>, onEmpty: () => void) {
    this.#read = read;
    this.#onEmpty = onEmpty;
  }

  join(follower: Follower<C>): void {
    this.#followers.add(follower);
  }

  leave(follower: Follower<C>): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#onEmpty();
  }

  wake(): void {
    this.wakes += 1;
    this.#reads.clear();
    for (const follower of this.#followers) follower.wake();
  }

  /** The cursors at which followers wait. What was read before is not given to them again. */
  waitedAt(): (string | null)[] {
    this.#reads.clear();
    const waiting = [...this.#followers].filter(({ isWaiting }) => isWaiting);
    return [...new Set(waiting.map(({ cursor }) => cursor))];
  }

  /** Wakes the followers if those that wait have missed something, without troubling them if not. */
  async sweep(): Promise<void> {
    for (const cursor of this.waitedAt()) {
      // What cannot be read, they are to learn themselves.
      const changes = await this.changes(cursor).catch(() => null);
      if (changes?.cursor === cursor && !changes.reset) continue;
      this.wake();
      return;
    }
  }

  close(reason: Fault): void {
    for (const follower of [...this.#followers]) follower.fail(reason);
  }

  changes(after: string | null): Promise<C | null> {
    const known = this.#reads.get(after);
    if (known) return known;
    const read = (async () => this.#read(after))();
    this.#reads.set(after, read);
    read.catch(() => {
      if (this.#reads.get(after) === read) this.#reads.delete(after);
    });
    return read;
  }
}

/** Steps through changes. Made by hand, not as a generator: one that waits could not be ended from outside. */
export class Follower<C extends Changes> implements AsyncIterableIterator<C> {
  readonly #channel: Channel<C>;
  #cursor: string | null;
  /** The wakes that there had been when it had read everything; null if there is more. */
  #seen: number | null = null;
  #finished = false;
  #failure: Fault | null = null;
  #nudge: (() => void) | null = null;
  #last: Promise<IteratorResult<C>> = Promise.resolve({ done: true, value: undefined });

  constructor(channel: Channel<C>, after: string | null) {
    this.#channel = channel;
    this.#cursor = after;
    channel.join(this);
  }

  /** Where it goes on from. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Whether it has read everything and waits for a wake. */
  get isWaiting(): boolean {
    return this.#nudge !== null;
  }

  next(): Promise<IteratorResult<C>> {
    const step = async () => this.#step();
    this.#last = this.#last.then(step, step);
    return this.#last;
  }

  async return(): Promise<IteratorResult<C>> {
    this.#finish();
    return { done: true, value: undefined };
  }

  /** Ends it with a failure, which whoever asks next gets. */
  fail(reason: Fault): void {
    this.#failure = reason;
    this.#finish();
  }

  wake(): void {
    this.#nudge?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<C>> {
    while (!this.#finished) {
      await this.#woken();
      if (this.#finished) break;
      const { wakes } = this.#channel;
      const changes = await this.#read();
      if (this.#finished || changes === null) break;
      const news = changes.reset || changes.cursor !== this.#cursor;
      const over = !changes.more && 'ended' in changes && changes.ended === true;
      this.#cursor = changes.cursor;
      this.#seen = changes.more ? null : wakes;
      if (over) this.#finish();
      if (news) return { done: false, value: changes };
    }
    this.#finish();
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  async #read(): Promise<C | null> {
    try {
      return await this.#channel.changes(this.#cursor);
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  /** Resolves when there may be something to read, or the follower is ended. */
  #woken(): Promise<void> {
    if (this.#finished || this.#channel.wakes !== this.#seen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#nudge = () => {
        this.#nudge = null;
        resolve();
      };
    });
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#channel.leave(this);
    this.#nudge?.();
  }
}
