import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Wake } from '../feed.ts';
import type { Session } from './session.ts';

type Listener = (wake: Wake) => void;

export interface NoticesOptions {
  /** Makes the connection on which to listen: a direct one, since a pooler would give it to others; null if there is none. */
  readonly connect: (() => Promise<Session>) | null;
  /** Runs a statement on the primary server. */
  readonly send: (sql: string, values: readonly string[]) => Promise<unknown>;
}

/** How much time there is at least between one notice and the next, in milliseconds: what is committed meanwhile is gathered. */
const GATHER = 20;

/** Most bytes of a notice; PostgreSQL takes less than 8,000. */
const MAX_BYTES = 7_900;

/** Longest pause until listening is tried again, in milliseconds. */
const MAX_PAUSE = 5_000;

/** Servers over one schema share a channel. Its name has at most 63 bytes. */
const CHANNEL = "SELECT 'dagloupe_' || md5(current_database() || '/' || current_schema()) AS channel";

const NOTIFY = 'SELECT pg_notify($1, $2)';

/**
 * Wakes of one store: of its own commits at once, of those of other servers by NOTIFY. A notice is a hint: it names trees that
 * may have changed and is sent after the commit, on its own, since inside it would hold other commits up.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #sender = randomUUID();
  readonly #listeners = new Set<Listener>();
  readonly #gathered = new Set<string>();
  readonly #end = new AbortController();
  #channel: string | null = null;
  #sending: NodeJS.Timeout | null = null;
  #sentAt = 0;
  #listening: Promise<void> | null = null;
  #session: Session | null = null;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Has `listener` called at each wake, until the function given back is called. Other servers are listened to from the first on. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#options.connect) this.#listening ??= this.#listen(this.#options.connect);
    return () => this.#listeners.delete(listener);
  }

  /** Wakes those here, and soon those at other servers. */
  committed(rootRunIds: readonly string[]): void {
    this.#wake(rootRunIds);
    for (const root of rootRunIds) this.#gathered.add(root);
    this.#sending ??= setTimeout(() => this.#send(), Math.max(0, this.#sentAt + GATHER - performance.now()));
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#listeners.clear();
    if (this.#sending) {
      clearTimeout(this.#sending);
      await this.#send();
    }
    await this.#session?.end();
    await this.#listening;
  }

  #wake(wake: Wake): void {
    for (const listener of this.#listeners) listener(wake);
  }

  async #send(): Promise<void> {
    this.#sending = null;
    this.#sentAt = performance.now();
    const roots = [...this.#gathered];
    this.#gathered.clear();
    const sender = this.#sender;
    const full = JSON.stringify({ sender, roots });
    const notice = Buffer.byteLength(full) <= MAX_BYTES ? full : JSON.stringify({ sender, roots: null });
    try {
      await this.#options.send(NOTIFY, [await this.#channelName(this.#options.send), notice]);
    } catch {
      // The others find out when they next look.
    }
  }

  async #channelName(send: NoticesOptions['send']): Promise<string> {
    if (this.#channel === null) {
      const [row] = (await send(CHANNEL, [])) as { channel: string }[];
      this.#channel = row?.channel ?? '';
    }
    return this.#channel;
  }

  /** Listens until the end, and again whenever the connection is lost. */
  async #listen(connect: () => Promise<Session>): Promise<void> {
    const { signal } = this.#end;
    for (let pause = 50; !signal.aborted; pause = Math.min(pause * 2, MAX_PAUSE)) {
      try {
        const session = await connect();
        this.#session = session;
        if (signal.aborted) break;
        await session.listen(await this.#channelName(this.#options.send), (notice) => this.#hear(notice));
        pause = 50;
        // Whatever was said meanwhile, it was not heard.
        this.#wake(null);
        await session.ended();
      } catch {
        // Until it can be reached again, those who look by themselves see what is new.
      }
      await wait(pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {});
    }
    await this.#session?.end();
  }

  #hear(text: string): void {
    const { sender, roots } = readNotice(text);
    if (sender !== this.#sender) this.#wake(roots);
  }
}

/** Whoever may connect can notify of anything: what is no notice of ours means that anything may have changed. */
function readNotice(text: string): { readonly sender: unknown; readonly roots: Wake } {
  try {
    const { sender, roots }: { sender?: unknown; roots?: unknown } = JSON.parse(text) ?? {};
    const isWhole = Array.isArray(roots) && roots.every((root) => typeof root === 'string');
    return { sender, roots: isWhole ? roots : null };
  } catch {
    return { sender: null, roots: null };
  }
}
