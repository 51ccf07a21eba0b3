import { type Connection, dataVersion, writing } from './connect.ts';
import type { Mirrored } from './copy.ts';
import { EdgeIndex } from './edges.ts';
import { Round } from './round.ts';
import { RunCopy } from './runs.ts';
import type { FileViews } from './views.ts';

/** How many rows a step takes: a few milliseconds, in which the file's lock is held and nothing else happens in this process. */
const STEP = 1_000;
/** The same while the mirror is made and nobody can read yet. */
const BUILD_STEP = 4_000;

/** Up to where a mirror that was made has taken the file's rows, for another connection to go on from there. */
export interface Made {
  /** The file's schema that it was made for. */
  readonly schema: number;
  readonly runs: ReturnType<RunCopy['progress']>;
  readonly edges: ReturnType<EdgeIndex['progress']> | null;
}

/**
 * What is kept beside a lythonic file, which has no index but its primary keys: tables in a database of their own, and views.
 * The lythonic file itself is only read.
 *
 * The mirror follows new rows and whatever is likely to change. The rest is compared round and round, so that other tools
 * may change the file as they like.
 */
export class Mirror {
  readonly #db: Connection;
  readonly #views: FileViews;
  readonly #runs: RunCopy;
  readonly #edges: EdgeIndex | null;
  readonly #parts: readonly Mirrored[];
  #schema: number;
  /** The file's version that the mirror is at: the commit of another connection changes it. */
  #version: number;
  #building: Iterator<void> | null = null;
  #outdated = false;
  /** False while rows may be missing or doubled: nothing is read until a round is over. */
  #fit = true;
  readonly #round = new Round();

  /**
   * To be made inside a snapshot of the file. With `made`, the mirror is there already: another connection made it to that point,
   * and began after this one had seen the file at the version `since`.
   */
  constructor(db: Connection, views: FileViews, made?: Made & { readonly since: number }) {
    this.#db = db;
    this.#views = views;
    views.follow();
    this.#schema = made ? made.schema : views.schema;
    this.#version = made ? made.since : dataVersion(db);
    if (!made) writing(db, () => db.script('CREATE TABLE mirror.stale (rid INTEGER PRIMARY KEY)'));
    const hasEdges = made ? made.edges !== null : views.hasLooseEdges;
    this.#runs = writing(db, () => new RunCopy(db, made?.runs));
    this.#edges = hasEdges ? writing(db, () => new EdgeIndex(db, made?.edges ?? undefined)) : null;
    this.#parts = this.#edges ? [this.#runs, this.#edges] : [this.#runs];
    if (!made) this.#building = build(this.#parts);
  }

  /** True when the file's tables are no longer those that this is a mirror of: another one has to be made. */
  get isOutdated(): boolean {
    return this.#outdated;
  }

  /** For another connection to go on from, at a time when `advance` gave true. */
  made(): Made {
    return { schema: this.#schema, runs: this.#runs.progress(), edges: this.#edges?.progress() ?? null };
  }

  /**
   * Makes one step towards the present state of the file, inside a snapshot of it. Gives false when more steps have to
   * follow before anything is read. After any fault but STORE_BUSY, the mirror is to be thrown away.
   */
  advance(): boolean {
    // First of all, since it takes the file's lock: nothing after it in this snapshot can meet one.
    const version = dataVersion(this.#db);
    if (version === this.#version && !this.#building && !this.#round.isDue(!this.#fit)) return this.#fit;
    this.#views.follow();
    return writing(this.#db, () => {
      if (this.#schema !== this.#views.schema && !this.#adapt()) return false;
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

  /** A table that was altered has the same rows as a rule, and comparing is much quicker than copying. Gives false if that cannot be. */
  #adapt(): boolean {
    this.#outdated = this.#building !== null || this.#views.hasLooseEdges !== (this.#edges !== null);
    if (this.#outdated) return false;
    this.#schema = this.#views.schema;
    this.#distrust();
    return true;
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
}

function* build(parts: readonly Mirrored[]): Generator<void> {
  for (const part of parts) yield* part.build(BUILD_STEP);
}
