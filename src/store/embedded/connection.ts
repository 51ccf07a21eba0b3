import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { Fault, type FaultCode } from '../../errors.ts';

export type Value = string | number | null;
export type Parameters = Record<string, Value>;
/** What fills in a statement: by name, or in the order of its question marks. */
export type Filling = Parameters | readonly Value[];

export interface ConnectionOptions {
  /** False: a file that is not there is an error. */
  readonly create?: boolean;
  /** Called with every statement that is about to run, as it is written; for tests and measurements. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

/**
 * One connection to one SQLite file, the only door to the driver. Statements are prepared once, by their text. A parameter alone
 * behind LIMIT would have SQLite plan the statement at every call, as its value has a say in the plan: a sum has none (`LIMIT @limit + 0`).
 * It never waits for a lock, since that would hold up the whole process: what meets one throws STORE_BUSY, to be tried again.
 */
export class Connection {
  readonly path: string;
  readonly #driver: Database.Database;
  readonly #statements = new Map<string, Database.Statement<[Filling]>>();
  readonly #onStatement: (sql: string) => void;

  constructor(path: string, { create = false, onStatement = () => {} }: ConnectionOptions = {}) {
    // Resolved, so that no path reads as a URI or as one of SQLite's special names.
    this.path = resolve(path);
    this.#onStatement = onStatement;
    // The driver would open another file: it leaves out white space at the end, and whatever follows a NUL.
    if (/\s$|\0/.test(path)) {
      throw new Fault('BAD_REQUEST', `${JSON.stringify(path)} ends in white space or holds a NUL; give another path`);
    }
    try {
      this.#driver = new Database(this.path, { fileMustExist: !create, timeout: 0 });
    } catch (error) {
      throw asFault(error, this.path);
    }
  }

  get open(): boolean {
    return this.#driver.open;
  }

  /** All rows, with columns named as in the statement. */
  all<Row>(sql: string, parameters: Filling = {}): Row[] {
    return this.#guard(() => this.#prepare(sql).all(parameters) as Row[]);
  }

  get<Row>(sql: string, parameters: Filling = {}): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(parameters) as Row | undefined);
  }

  /** Runs a statement that gives no rows, and says how many it changed. */
  run(sql: string, parameters: Filling = {}): number {
    return this.#guard(() => this.#prepare(sql).run(parameters).changes);
  }

  /** Runs statements that take no parameters and give no rows. */
  script(sql: string): void {
    this.#onStatement(sql);
    this.#guard(() => this.#driver.exec(sql));
  }

  /** Asks for or sets what a pragma governs; gives its single value. */
  pragma(text: string): unknown {
    this.#onStatement(`PRAGMA ${text}`);
    return this.#guard(() => this.#driver.pragma(text, { simple: true }));
  }

  /** Runs `work` in a write transaction: all that it wrote is on disk when this returns, or none of it if it throws. */
  write<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    return this.#orTakeBack(() => {
      const result = work();
      this.run('COMMIT');
      return result;
    });
  }

  /** Begins to read one unchanging state of the file, until `commit`. */
  begin(): void {
    this.run('BEGIN');
  }

  /** Ends what `begin` began, unless an error has ended it already. */
  commit(): void {
    if (this.#driver.inTransaction) this.run('COMMIT');
  }

  /** Runs `work` on one unchanging state of the file. */
  snapshot<T>(work: () => T): T {
    this.begin();
    return this.#orTakeBack(() => {
      const result = work();
      this.commit();
      return result;
    });
  }

  close(): void {
    this.#driver.close();
  }

  /** Runs `work` in the transaction that has begun, and takes that back if it throws. The driver's own way makes functions for each one. */
  #orTakeBack<T>(work: () => T): T {
    try {
      return this.#guard(work);
    } catch (error) {
      if (this.#driver.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): Database.Statement<[Filling]> {
    this.#onStatement(sql);
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#driver.prepare<[Filling]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!this.open) throw new Fault('STORE_UNAVAILABLE', `${this.path} was closed; open it again`, { cause: error });
      throw asFault(error, this.path);
    }
  }
}

const FAULTS: readonly { prefix: string; code: FaultCode; remedy: string }[] = [
  { prefix: 'SQLITE_BUSY', code: 'STORE_BUSY', remedy: 'another process holds its lock; try again' },
  { prefix: 'SQLITE_LOCKED', code: 'STORE_BUSY', remedy: 'another process holds its lock; try again' },
  { prefix: 'SQLITE_PROTOCOL', code: 'STORE_BUSY', remedy: 'other processes keep its write-ahead log busy; try again' },
  {
    prefix: 'SQLITE_FULL',
    code: 'STORE_FULL',
    remedy: 'the disk is full; nothing was written: make room and try again',
  },
  { prefix: 'SQLITE_NOTADB', code: 'STORE_CORRUPT', remedy: 'it is not a SQLite file; give the path of another file' },
  { prefix: 'SQLITE_CORRUPT', code: 'STORE_CORRUPT', remedy: 'the file is damaged; restore it from a copy' },
  {
    prefix: 'SQLITE_READONLY',
    code: 'READ_ONLY_STORE',
    remedy: 'it cannot be written; look at the permissions of the file and its folder',
  },
  {
    prefix: 'SQLITE_PERM',
    code: 'STORE_UNAVAILABLE',
    remedy: 'access is not permitted; look at the permissions of the file and its folder',
  },
  {
    prefix: 'SQLITE_CANTOPEN',
    code: 'STORE_UNAVAILABLE',
    remedy: 'it cannot be opened; look at the path and its permissions',
  },
  { prefix: 'SQLITE_IOERR', code: 'STORE_UNAVAILABLE', remedy: 'the disk answered with an error; look at the disk' },
];

/** What went wrong in the driver, as a fault that names the file and the remedy; anything else as it is. */
function asFault(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) {
    return error instanceof TypeError && error.message.includes('directory does not exist')
      ? new Fault('STORE_UNAVAILABLE', `${path}: its folder does not exist; make it first, or give another path`, {
          cause: error,
        })
      : error;
  }
  const known = FAULTS.find(({ prefix }) => error.code.startsWith(prefix));
  return known
    ? new Fault(known.code, `${path}: ${known.remedy} (${error.code}: ${error.message})`, { cause: error })
    : error;
}
