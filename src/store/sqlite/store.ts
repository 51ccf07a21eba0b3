import { Fault } from '../../errors.ts';
import type { Recorded, RunEvent } from '../../model.ts';
import { Connection, type ConnectionOptions } from '../embedded/connection.ts';
import { FilePlace } from '../embedded/file.ts';
import { patiently } from '../embedded/patience.ts';
import { EmbeddedReads } from '../embedded/reads.ts';
import { GroupCommit } from '../groupCommit.ts';
import { DEFAULT_EVENT_LIMITS, type EventLimits } from '../ledger/check.ts';
import type { MaybePromise, Store } from '../store.ts';
import { recordBatches } from './events.ts';
import { checkSchema, migrate } from './schema.ts';

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
  // SQLite's default here would lose the newest commits when the machine loses power.
  db.pragma('synchronous = FULL');
  migrate(db);
}

class SqliteStore extends EmbeddedReads implements Store {
  readonly kind = 'sqlite';
  readonly location: string;
  readonly capabilities = { writable: true };
  readonly #db: Connection;
  readonly #place: FilePlace;
  readonly #commits: GroupCommit;
  #closing = false;

  constructor(db: Connection, limits: EventLimits) {
    super((read) => patiently(() => read(db)));
    this.#db = db;
    this.location = db.path;
    this.#place = new FilePlace(db.path);
    this.#commits = new GroupCommit((batches) =>
      patiently(() => {
        this.#place.assertSame();
        return recordBatches(db, batches, limits);
      }),
    );
  }

  async record(events: readonly RunEvent[]): Promise<Recorded> {
    if (this.#closing)
      throw new Fault('STORE_UNAVAILABLE', `${this.location} is being closed; nothing more is recorded`);
    return this.#commits.record(events);
  }

  check(): MaybePromise<void> {
    this.#place.assertSame();
    return patiently(() => {
      this.#db.get('SELECT 1 FROM dag_runs LIMIT 1');
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#commits.idle();
    if (this.#db.open) this.#db.close();
  }
}
