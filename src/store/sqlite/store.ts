import { Fault } from '../../errors.ts';
import type { DagRun, Recorded, RunEvent } from '../../model.ts';
import { Connection, type ConnectionOptions } from '../embedded/connection.ts';
import { FilePlace } from '../embedded/file.ts';
import { patiently } from '../embedded/patience.ts';
import { EmbeddedReads } from '../embedded/reads.ts';
import { Turn } from '../embedded/turn.ts';
import { Wakes } from '../embedded/wakes.ts';
import { CommitWatch } from '../embedded/watch.ts';
import type { RunChanges, TreeChanges, Wake } from '../feed.ts';
import { GroupCommit } from '../groupCommit.ts';
import { DEFAULT_EVENT_LIMITS, type EventLimits } from '../ledger/check.ts';
import type { MaybePromise, Store } from '../store.ts';
import type { Transfer } from '../transfer.ts';
import { Aside, isHuge } from './aside.ts';
import { runChanges, treeChanges, treeCursors } from './changes.ts';
import { type Commit, recordBatches } from './events.ts';
import { checkSchema, migrate } from './schema.ts';
import { importTrees, nodeHistories, runHistories } from './transfer.ts';
import { tune } from './tune.ts';

export interface SqliteStoreOptions extends Pick<ConnectionOptions, 'onStatement'> {
  readonly limits?: EventLimits;
}

/**
 * Opens dagloupe's own SQLite file, or makes it. What `record` acknowledged survives a crash of the process and of the machine.
 * @throws Fault
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const db = new Connection(path, { create: true, onStatement: options.onStatement });
  try {
    await patiently(() => prepare(db));
    return new SqliteStore(db, options.limits ?? DEFAULT_EVENT_LIMITS);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepare(db: Connection): void {
  checkSchema(db);
  const mode = db.pragma('journal_mode = WAL');
  if (mode !== 'wal') {
    throw new Fault(
      'STORE_UNAVAILABLE',
      `${db.path}: its file system cannot hold a write-ahead log; put the file on a local disk`,
    );
  }
  tune(db);
  migrate(db);
}

class SqliteStore extends EmbeddedReads implements Store {
  readonly kind = 'sqlite';
  readonly location: string;
  readonly capabilities = { writable: true };
  readonly transfer: Transfer;
  readonly #db: Connection;
  readonly #place: FilePlace;
  readonly #turn: Turn;
  readonly #commits: GroupCommit;
  readonly #aside: Aside;
  readonly #wakes: Wakes;
  #closing = false;

  constructor(db: Connection, limits: EventLimits) {
    const turn = new Turn(db);
    super((read) => patiently(() => turn.read(() => read(db))));
    this.#db = db;
    this.location = db.path;
    this.#place = new FilePlace(db.path);
    this.#turn = turn;
    this.#aside = new Aside({ path: db.path, limits });
    this.#commits = new GroupCommit(async (batches) => {
      const { recorded, rootRunIds } = await this.#commit(batches, limits);
      if (rootRunIds.length > 0) this.#wakes.wake(rootRunIds);
      return recorded;
    });
    this.transfer = {
      runHistories: (runIds) => this.#read((reading) => runHistories(reading, runIds)),
      nodeHistories: (keys) => this.#read((reading) => nodeHistories(reading, keys)),
      importTrees: async (parts) => {
        const { written, leftAlone } = await patiently(() => importTrees(this.#toWrite(), parts));
        this.#wakes.wake(written);
        return leftAlone;
      },
    };
    this.#wakes = new Wakes(
      new CommitWatch(
        db.path,
        () => this.#version(),
        () => this.#wakes.wake(null),
      ),
    );
  }

  async record(events: readonly RunEvent[]): Promise<Recorded> {
    if (this.#closing)
      throw new Fault('STORE_UNAVAILABLE', `${this.location} is being closed; nothing more is recorded`);
    return this.#commits.record(events);
  }

  treeCursors(runs: readonly DagRun[]): MaybePromise<{ runId: string; cursor: string }[]> {
    return this.#read((db) => treeCursors(db, runs));
  }

  treeChanges(rootRunId: string, after: string | null, limit: number): MaybePromise<TreeChanges | null> {
    return this.#read((db) => treeChanges(db, rootRunId, after, limit));
  }

  runChanges(after: string | null, limit: number): MaybePromise<RunChanges> {
    return this.#read((db) => runChanges(db, after, limit));
  }

  onWake(listener: (wake: Wake) => void): () => void {
    return this.#wakes.add(listener);
  }

  check(): MaybePromise<void> {
    this.#place.assertSame();
    return this.#read((db) => {
      db.get('SELECT 1 FROM dag_runs LIMIT 1');
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#commits.idle();
    await this.#aside.end();
    this.#wakes.close();
    this.#turn.end();
    if (this.#db.open) this.#db.close();
  }

  #read<T>(read: (db: Connection) => T): MaybePromise<T> {
    return patiently(() => this.#turn.read(() => read(this.#db)));
  }

  #commit(batches: readonly (readonly RunEvent[])[], limits: EventLimits): MaybePromise<Commit> {
    return isHuge(batches)
      ? this.#commitAside(batches)
      : patiently(() => recordBatches(this.#toWrite(), batches, limits));
  }

  async #commitAside(batches: readonly (readonly RunEvent[])[]): Promise<Commit> {
    this.#place.assertSame();
    const commit = await this.#aside.record(batches);
    // Whoever is answered now is to read what was recorded, not the state that this turn began with.
    this.#turn.end();
    return commit;
  }

  #toWrite(): Connection {
    this.#place.assertSame();
    this.#turn.end();
    return this.#db;
  }

  #version(): string {
    this.#turn.end();
    return String(this.#db.pragma('data_version'));
  }
}
