import type { Connection } from '../embedded/connection.ts';
import { type CopyShape, type Mirrored, RowCopy } from './copy.ts';

/** Where the edges of each run are in a file that has no key to look them up by. */
export class EdgeIndex implements Mirrored {
  readonly rows: RowCopy;
  readonly #db: Connection;

  /** With progress, the table is there already. */
  constructor(db: Connection, progress?: ReturnType<EdgeIndex['progress']>) {
    if (!progress) db.script('CREATE TABLE mirror.edge_rows (rid INTEGER PRIMARY KEY, run_id TEXT NOT NULL);');
    this.rows = new RowCopy(db, SHAPE, progress?.taken);
    this.#db = db;
  }

  /** Up to where the file's rows were taken, for another connection to go on from. */
  progress(): { readonly taken: string } {
    return { taken: this.rows.taken };
  }

  *build(limit: number): Generator<void> {
    while (!this.rows.load(limit)) yield;
    yield;
    this.#db.script('CREATE INDEX mirror.edge_rows_by_run ON edge_rows (run_id)');
  }

  /** None: an edge never changes. */
  markLikely(): boolean {
    return true;
  }

  refresh(): void {
    this.#db.run('DELETE FROM mirror.edge_rows WHERE rid IN (SELECT rid FROM mirror.stale)');
    this.#db.run(
      'INSERT INTO mirror.edge_rows SELECT f.rid, f.run_id FROM mirror.stale AS s CROSS JOIN file_edges AS f ON f.rid = s.rid',
    );
    this.#db.run('DELETE FROM mirror.stale');
  }
}

const SHAPE: CopyShape = {
  source: 'file_edges',
  copy: 'mirror.edge_rows',
  columns: ['run_id'],
  compared: ['run_id'],
};
