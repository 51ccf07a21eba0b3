import { Fault } from '../../errors.ts';
import type { Connection } from '../embedded/connection.ts';
import type { Mirrored } from './copy.ts';
import { EdgeIndex } from './edges.ts';
import { areLythonic, readTables } from './recognise.ts';
import { Round } from './round.ts';
import { RunCopy } from './runs.ts';
import { hasLooseEdges, viewsOver } from './views.ts';

/** How many rows a step takes: a few milliseconds, in which the file's lock is held and nothing else happens in this process. */
const STEP = 1_000;
/** The same while the mirror is made and nobody can read yet. */
const BUILD_STEP = 4_000;

/**
 * What is kept beside a lythonic file, which has no index but its primary keys: temporary tables, which SQLite holds in a
 * private file of its own, and views. The lythonic file itself is only read.
 *
 * The mirror follows new rows and whatever is likely to change. The rest is compared round and round, so that other tools
 * may change the file as they like.
 */
export class Mirror {
  readonly #db: Connection;
  #schema = 0;
  /** The file's version that the mirror is at: the commit of another connection changes it. */
  #version = 0;
  #parts: readonly Mirrored[] = [];
  #building: Iterator<void> | null = null;
  /** False while rows may be missing or doubled: nothing is read until a round is over. */
  #fit = true;
  #round = new Round();

  /**
   * To be made inside a snapshot of the file, of a connection that may not write otherwise.
   * @throws Fault BAD_REQUEST if the file is not of lythonic
   */
  constructor(db: Connection) {
    this.#db = db;
    this.#start();
  }

  /**
   * Makes one step towards the present state of the file, inside a snapshot of it. Gives false when more steps have to
   * follow before anything is read. After any fault but STORE_BUSY, the mirror is to be thrown away.
   */
  advance(): boolean {
    // First of all, since it takes the file's lock: nothing after it in this snapshot can meet one.
    const version = this.#dataVersion();
    if (version === this.#version && !this.#building && !this.#round.isDue(!this.#fit)) return this.#fit;
    if (this.#schemaVersion() !== this.#schema) {
      this.#start();
      return false;
    }
    return this.#writing(() => {
      if (this.#building) return this.#build(version);
      if (version !== this.#version) {
        if (!this.#follow()) return false;
        this.#version = version;
        this.#round.owe(this.#parts);
      }
      if (this.#round.isDue(!this.#fit)) this.#fit = this.#round.step() || this.#fit;
      return this.#fit;
    });
  }

  /** Begins to mirror the file with the tables that it has now. */
  #start(): void {
    const tables = readTables(this.#db);
    if (!areLythonic(tables)) {
      throw new Fault(
        'BAD_REQUEST',
        `${this.#db.path} is no file of lythonic: it has no table dag_runs with the columns of one; give the path of a dags.db`,
      );
    }
    this.#schema = this.#schemaVersion();
    const parts = hasLooseEdges(tables) ? [RunCopy, EdgeIndex] : [RunCopy];
    this.#writing(() => {
      this.#db.script(viewsOver(tables));
      // A table that was altered has the same rows as a rule, and comparing is much quicker than copying.
      if (!this.#building && this.#parts.length === parts.length) this.#distrust();
      else this.#startBuilding(parts);
    });
  }

  #startBuilding(parts: readonly (new (db: Connection) => Mirrored)[]): void {
    this.#db.script(DROP);
    this.#version = this.#dataVersion();
    this.#fit = true;
    this.#round = new Round();
    const made = parts.map((Part) => new Part(this.#db));
    this.#parts = made;
    this.#building = (function* () {
      for (const part of made) yield* part.build(BUILD_STEP);
    })();
  }

  #build(version: number): boolean {
    if (!this.#building?.next().done) return false;
    this.#building = null;
    // A file that changed meanwhile was copied in parts of different age.
    if (version !== this.#version) this.#distrust();
    return this.#fit;
  }

  /** Gives false when there may be more to take. */
  #follow(): boolean {
    if (this.#fit && !this.#parts.every((part) => part.rows.keepsItsEnd())) this.#distrust();
    let done = true;
    for (const part of this.#parts) {
      done = part.rows.markNew(STEP) && done;
      done = part.markLikely(STEP) && done;
      part.refresh();
    }
    return done;
  }

  #distrust(): void {
    this.#fit = false;
    this.#round.restart(this.#parts);
  }

  #dataVersion(): number {
    return this.#db.get<{ data_version: number }>('PRAGMA main.data_version')?.data_version ?? 0;
  }

  #schemaVersion(): number {
    return this.#db.get<{ schema_version: number }>('PRAGMA main.schema_version')?.schema_version ?? 0;
  }

  /** Lets the connection write for the length of one piece of work, which touches nothing but temporary tables. */
  #writing<T>(work: () => T): T {
    this.#db.pragma('query_only = 0');
    try {
      return work();
    } finally {
      this.#db.pragma('query_only = 1');
    }
  }
}

const DROP = `
  DROP TABLE IF EXISTS temp.dag_runs; DROP TABLE IF EXISTS temp.found_roots; DROP TABLE IF EXISTS temp.edge_rows;
  DROP TABLE IF EXISTS temp.stale; CREATE TEMP TABLE stale (rid INTEGER PRIMARY KEY);`;
