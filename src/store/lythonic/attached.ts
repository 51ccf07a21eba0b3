import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { patiently } from '../embedded/patience.ts';
import type { MaybePromise } from '../store.ts';
import { Aside } from './aside.ts';
import { attachMirror, type Connection, type ConnectOptions, connect, dataVersion } from './connect.ts';
import { type Made, Mirror } from './mirror.ts';
import { FileViews } from './views.ts';

export interface AttachedFileOptions extends ConnectOptions {
  /** A file with more rows to mirror is big: its mirror is made by a process of its own. */
  readonly bigFrom?: number;
}

/** Up to so many rows a mirror is made at once: the steps are short, and it takes no longer than starting a process. */
const BIG = 10_000;

/** How long a path is taken to lead to the file it led to, in milliseconds. */
const TRUST = 250;

/** A lythonic file at a path: whichever stands there now, read through its mirror. */
export class AttachedFile {
  readonly path: string;
  readonly #options: AttachedFileOptions;
  #opened: Opened | null = null;
  #lookedAt = 0;
  #closed = false;

  constructor(path: string, options: AttachedFileOptions) {
    this.path = resolve(path);
    this.#options = options;
  }

  /**
   * Reads the newest state of the file; all that `read` reads is of one state. At once if it can, else when the mirror has
   * caught up and no other process holds the file. No state is held for longer: a writer would have to wait for its end.
   * While the mirror of a big file is in the making, `meanwhile` is asked instead, or the read waits.
   */
  look<T>(read: (db: Connection) => T, meanwhile?: () => Promise<T>): MaybePromise<T> {
    const seen = patiently(() => this.#try(read));
    if (seen instanceof Promise) {
      return seen.then((result) => (result ? result.value : this.#catchUp(read, meanwhile)));
    }
    return seen ? seen.value : this.#catchUp(read, meanwhile);
  }

  /** As `look`, without waiting for the mirror: there is only what the views show of the file itself. */
  peek<T>(read: (db: Connection) => T): MaybePromise<T> {
    return patiently(() => {
      const { db, views } = this.#open();
      const seen = this.#guard(() =>
        db.snapshot(() => {
          views.follow();
          return attempt(() => read(db));
        }),
      );
      if ('error' in seen) throw seen.error;
      return seen.value;
    });
  }

  /** Another text after every commit of another process, and for another file. */
  version(): string {
    const { db, identity } = this.#open();
    return `${identity} ${db.pragma('data_version')}`;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#letGo();
  }

  async #catchUp<T>(read: (db: Connection) => T, meanwhile?: () => Promise<T>): Promise<T> {
    for (;;) {
      const { making = null } = this.#opened ?? {};
      if (making && meanwhile) return meanwhile();
      await (making ?? breathe());
      const seen = await patiently(() => this.#try(read));
      if (seen) return seen.value;
    }
  }

  /** Gives null if the mirror is not there yet, or needs another step. */
  #try<T>(read: (db: Connection) => T): { readonly value: T } | null {
    const opened = this.#open();
    if (opened.making) return null;
    const { db, views, made } = opened;
    const seen = this.#guard(() =>
      db.snapshot(() => {
        opened.mirror ??= new Mirror(db, views, made);
        return opened.mirror.advance() ? attempt(() => read(db)) : null;
      }),
    );
    if (seen && 'error' in seen) throw seen.error;
    if (opened.mirror?.isOutdated) this.#letGo();
    return seen;
  }

  /** Throws away a mirror that failed: it may be in pieces. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Fault && error.code === 'STORE_BUSY') throw error;
      this.#letGo();
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof Fault) || error.code !== 'STORE_FULL') return error;
    return new Fault(
      'STORE_FULL',
      `the folder for temporary files, where an index of ${this.path} is kept, is full; make room there, or set TMPDIR to another`,
      { cause: error },
    );
  }

  #open(): Opened {
    if (this.#closed) throw new Fault('STORE_UNAVAILABLE', `${this.path} was closed; open it again`);
    const now = performance.now();
    if (this.#opened && now - this.#lookedAt < TRUST) return this.#opened;
    const identity = this.#identify();
    if (this.#opened?.identity !== identity) {
      this.#letGo();
      this.#opened = this.#attach(identity);
    }
    this.#lookedAt = now;
    return this.#opened;
  }

  /** Which file is at the path. Its contents are not touched: closing another descriptor of it would drop SQLite's locks. */
  #identify(): string {
    const stat = attempt(() => statSync(this.path, { bigint: true }));
    if ('value' in stat && stat.value.isFile()) return `${stat.value.dev}:${stat.value.ino}`;
    this.#letGo();
    if ('value' in stat) {
      const what = stat.value.isDirectory() ? 'is a folder' : 'is no regular file';
      throw new Fault('BAD_REQUEST', `${this.path} ${what}; give the path of a dags.db`);
    }
    throw new Fault('STORE_UNAVAILABLE', `${this.path} cannot be found; put it back, or give another path`, {
      cause: stat.error,
    });
  }

  #attach(identity: string): Opened {
    const db = connect(this.path, this.#options);
    const opened: Opened = { identity, db, views: new FileViews(db) };
    try {
      const since = this.#guard(() => db.snapshot(() => (this.#isBig(opened) ? dataVersion(db) : null)));
      if (since === null) attachMirror(db);
      else this.#makeAside(opened, since);
      return opened;
    } catch (error) {
      close(opened);
      throw error;
    }
  }

  #isBig({ db, views }: Opened): boolean {
    views.follow();
    const limit = (this.#options.bigFrom ?? BIG) + 1;
    const rows = (sql: string): number => db.get<{ rows: number }>(sql, { limit })?.rows ?? 0;
    return rows(SOME_RUNS) === limit || (views.hasLooseEdges && rows(SOME_EDGES) === limit);
  }

  #makeAside(opened: Opened, since: number): void {
    const aside = new Aside();
    opened.aside = aside;
    attachMirror(opened.db, aside.place);
    opened.making = aside.start(this.path).then(
      (made) => {
        opened.making = undefined;
        if (made) opened.made = { ...made, since };
        else if (this.#opened === opened) this.#letGo();
      },
      (error) => {
        if (this.#opened === opened) this.#letGo();
        throw this.#explained(error);
      },
    );
    // Who waits for it is told.
    opened.making.catch(() => {});
  }

  async #letGo(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened) await close(opened);
  }
}

interface Opened {
  readonly identity: string;
  readonly db: Connection;
  readonly views: FileViews;
  mirror?: Mirror;
  /** Who makes the mirror of a big file, until when, and what came of it. */
  aside?: Aside;
  making?: Promise<void> | undefined;
  made?: Made & { readonly since: number };
}

const SOME_RUNS = 'SELECT count(*) AS rows FROM (SELECT 1 FROM main.dag_runs LIMIT @limit + 0)';
const SOME_EDGES = 'SELECT count(*) AS rows FROM (SELECT 1 FROM main.edge_traversals LIMIT @limit + 0)';

async function close({ db, aside }: Opened): Promise<void> {
  db.close();
  await aside?.stop();
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
