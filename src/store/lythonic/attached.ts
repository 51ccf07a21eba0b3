import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { Connection, type ConnectionOptions } from '../embedded/connection.ts';
import { patiently } from '../embedded/patience.ts';
import type { MaybePromise } from '../store.ts';
import { Mirror } from './mirror.ts';

export type AttachedFileOptions = Pick<ConnectionOptions, 'onStatement'>;

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
   */
  look<T>(read: (db: Connection) => T): MaybePromise<T> {
    const seen = patiently(() => this.#try(read));
    if (seen instanceof Promise) return seen.then((result) => (result ? result.value : this.#catchUp(read)));
    return seen ? seen.value : this.#catchUp(read);
  }

  /** Another text after every commit of another process, and for another file. */
  version(): string {
    const { db, identity } = this.#open();
    return `${identity} ${db.pragma('data_version')}`;
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  async #catchUp<T>(read: (db: Connection) => T): Promise<T> {
    for (;;) {
      await breathe();
      const seen = await patiently(() => this.#try(read));
      if (seen) return seen.value;
    }
  }

  /** Gives null if the mirror needs another step. */
  #try<T>(read: (db: Connection) => T): { readonly value: T } | null {
    const { db, mirror } = this.#open();
    const seen = this.#guard(() => db.snapshot(() => (mirror.advance() ? attempt(() => read(db)) : null)));
    if (seen && 'error' in seen) throw seen.error;
    return seen;
  }

  /** Throws away a mirror that failed: it may be in pieces. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Fault && error.code === 'STORE_BUSY') throw error;
      this.#letGo();
      if (!(error instanceof Fault) || error.code !== 'STORE_FULL') throw error;
      throw new Fault(
        'STORE_FULL',
        `the folder for temporary files, where an index of ${this.path} is kept, is full; make room there, or set SQLITE_TMPDIR to another`,
        { cause: error },
      );
    }
  }

  #open(): Opened {
    if (this.#closed) throw new Fault('STORE_UNAVAILABLE', `${this.path} was closed; open it again`);
    const now = performance.now();
    if (this.#opened && now - this.#lookedAt < TRUST) return this.#opened;
    const identity = this.#identify();
    if (this.#opened?.identity !== identity) {
      this.#letGo();
      this.#opened = { identity, ...this.#attach() };
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

  #attach(): { db: Connection; mirror: Mirror } {
    const db = new Connection(this.path, this.#options);
    try {
      db.pragma('query_only = 1');
      return { db, mirror: this.#guard(() => db.snapshot(() => new Mirror(db))) };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #letGo(): void {
    this.#opened?.db.close();
    this.#opened = null;
  }
}

interface Opened {
  readonly db: Connection;
  readonly mirror: Mirror;
  readonly identity: string;
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
