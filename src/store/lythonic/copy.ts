import type { Connection } from '../embedded/connection.ts';

/** A part of the file's contents that is mirrored, and how it is kept equal to the file. */
export interface Mirrored {
  readonly rows: RowCopy;
  /** Makes the copy and its indexes, in steps that take some milliseconds each. */
  build(limit: number): Generator<void>;
  /** Marks as stale those of the rows likely to have changed that did, at most `limit` at a time. Gives false when there may be more. */
  markLikely(limit: number): boolean;
  /** Copies again what is marked as stale. */
  refresh(): void;
}

/** What a copy is made of. */
export interface CopyShape {
  /** The view over the file's rows: `rid`, which is the rowid, and the columns. */
  readonly source: string;
  /** The table of the mirror: the same. */
  readonly copy: string;
  readonly columns: readonly string[];
  /** The columns that tell a changed row. */
  readonly compared: readonly string[];
}

/**
 * A copy, in a table of the mirror, of some columns of a table of the file, row by row. It grows with the file: new rows have
 * higher rowids. The rowids of rows that it may hold wrongly are marked in the table `stale`.
 */
export class RowCopy {
  readonly #db: Connection;
  readonly #source: string;
  readonly #sql: ReturnType<typeof statements>;
  /** The rows up to here were taken. */
  #taken: string;
  /** The rows up to here were compared in this round. */
  #compared = BEFORE_ALL;

  /** `taken` if the table is there already, with the rows up to that rowid. */
  constructor(db: Connection, shape: CopyShape, taken: string = BEFORE_ALL) {
    this.#db = db;
    this.#taken = taken;
    this.#source = shape.source;
    this.#sql = statements(shape);
  }

  get taken(): string {
    return this.#taken;
  }

  /** Copies the next rows, at most `limit`. Gives false when there may be more. */
  load(limit: number): boolean {
    return this.#take(this.#sql.load, limit);
  }

  /** Marks the rows that came since, at most `limit`. Gives false when there may be more. */
  markNew(limit: number): boolean {
    return this.#take(this.#sql.markNew, limit);
  }

  /** Goes on comparing, round and round: marks the rows that the file has otherwise or no longer. Gives true at the end of a round. */
  markChanged(limit: number): boolean {
    const { last, atEnd } = nextRows(this.#db, this.#source, this.#compared, limit);
    this.#db.run(this.#sql.markChanged, { after: this.#compared, until: atEnd ? AFTER_ALL : last });
    this.#compared = atEnd ? BEFORE_ALL : last;
    return atEnd;
  }

  /** Whether the newest row that was taken is still there: else rows were deleted, and their rowids may have been given again. */
  keepsItsEnd(): boolean {
    return this.#taken === BEFORE_ALL || this.#db.get(this.#sql.newest, { taken: this.#taken }) !== undefined;
  }

  /** Takes the file's end for its own and begins a round: at the end of it the copy is whole again. */
  startRound(): void {
    this.#taken = lastRow(this.#db, this.#source);
    this.#compared = BEFORE_ALL;
  }

  #take(sql: string, limit: number): boolean {
    const { last, atEnd } = nextRows(this.#db, this.#source, this.#taken, limit);
    if (last !== this.#taken) this.#db.run(sql, { after: this.#taken, until: last });
    this.#taken = last;
    return atEnd;
  }
}

// Rowids travel as text: they can be larger than a number holds exactly.
export const BEFORE_ALL = String(-(2n ** 63n));
const AFTER_ALL = String(2n ** 63n - 1n);

/** The condition that a rowid is above `@after` and not above `@until`. */
export function within(rid: string): string {
  return `${rid} > CAST(@after AS INTEGER) AND ${rid} <= CAST(@until AS INTEGER)`;
}

/** The condition that two rows differ in some column. */
export function differ(a: string, b: string, columns: readonly string[]): string {
  const row = (table: string) => `(${columns.map((column) => `${table}.${column}`).join(', ')})`;
  return `${row(a)} IS NOT ${row(b)}`;
}

/** The rowid of the last of the `limit` rows after `after`, or `after` if there are none. */
export function nextRows(
  db: Connection,
  source: string,
  after: string,
  limit: number,
): { last: string; atEnd: boolean } {
  const beyond = `FROM ${source} WHERE rid > CAST(@after AS INTEGER)`;
  // To step over rows costs half of counting them.
  const step = `SELECT CAST(rid AS TEXT) AS last ${beyond} ORDER BY rid LIMIT 1 OFFSET @limit - 1`;
  const found = db.get<{ last: string }>(step, { after, limit });
  if (found) return { last: found.last, atEnd: false };
  const end = db.get<{ last: string | null }>(`SELECT CAST(max(rid) AS TEXT) AS last ${beyond}`, { after });
  return { last: end?.last ?? after, atEnd: true };
}

/** The rowid of a view's last row. */
export function lastRow(db: Connection, source: string): string {
  return db.get<{ last: string | null }>(`SELECT CAST(max(rid) AS TEXT) AS last FROM ${source}`)?.last ?? BEFORE_ALL;
}

function statements({ source, copy, columns, compared }: CopyShape) {
  const list = columns.join(', ');
  return {
    load: `INSERT INTO ${copy} (rid, ${list}) SELECT rid, ${list} FROM ${source} WHERE ${within('rid')}`,
    markNew: `INSERT OR IGNORE INTO mirror.stale SELECT rid FROM ${source} WHERE ${within('rid')}`,
    markChanged: `INSERT OR IGNORE INTO mirror.stale
      SELECT f.rid FROM ${source} AS f LEFT JOIN ${copy} AS c ON c.rid = f.rid
      WHERE ${within('f.rid')} AND (c.rid IS NULL OR ${differ('f', 'c', compared)})
      UNION ALL
      SELECT c.rid FROM ${copy} AS c
      WHERE ${within('c.rid')} AND NOT EXISTS (SELECT 1 FROM ${source} AS f WHERE f.rid = c.rid)`,
    newest: `SELECT 1 FROM ${source} AS f CROSS JOIN ${copy} AS c ON c.rid = f.rid AND c.run_id = f.run_id
      WHERE f.rid = CAST(@taken AS INTEGER)`,
  };
}
