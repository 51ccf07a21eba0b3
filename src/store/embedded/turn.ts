import type { Connection } from './connection.ts';

/**
 * One state of the file for all reads of one turn of the event loop. What a request reads level by level fits together, as if it had
 * been read at once, whoever writes meanwhile; and the file's lock is taken once, not for every statement.
 */
export class Turn {
  readonly #db: Connection;
  #end: NodeJS.Immediate | null = null;

  constructor(db: Connection) {
    this.#db = db;
  }

  /** Reads in the state of this turn. */
  read<T>(work: () => T): T {
    try {
      if (!this.#end) {
        this.#db.begin();
        this.#end = setImmediate(() => this.end());
      }
      return work();
    } catch (error) {
      // A lock, as a rule: whoever tries again wants the state of then.
      this.end();
      throw error;
    }
  }

  /** Lets go of the state: what is read next is of a newer one. */
  end(): void {
    if (!this.#end) return;
    clearImmediate(this.#end);
    this.#end = null;
    if (this.#db.open) this.#db.commit();
  }
}
