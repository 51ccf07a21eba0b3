import type { Connection } from '../embedded/connection.ts';
import { type CopyShape, type Mirrored, RowCopy } from './copy.ts';

/** Where the edges of each run are in a file that has no key to look them up by. */
export class EdgeIndex implements Mirrored {
  readonly rows: RowCopy;
  readonly #db: Connection;

  constructor(db: Connection) {
    db.script('CREATE TEMP TABLE edge_rows (rid INTEGER PRIMARY KEY, run_id TEXT NOT NULL);');
    this.rows = new RowCopy(db, SHAPE);
    this.#db = db;
  }

  *build(limit: number): Generator<void> {
    while (!this.rows.load(limit)) yield;
    yield;
    this.#db.script('CREATE INDEX temp.edge_rows_by_run ON edge_rows (run_id)');
  }

  /** None: an edge never changes. */
  markLikely(): boolean {
    return true;
  }

  refresh(): void {
    this.#db.run('DELETE FROM edge_rows WHERE rid IN (SELECT rid FROM stale)');
    this.#db.run(
      'INSERT INTO edge_rows SELECT f.rid, f.run_id FROM stale AS s CROSS JOIN file_edges AS f ON f.rid = s.rid',
    );
    this.#db.run('DELETE FROM stale');
  }
}

const SHAPE: CopyShape = {
  source: 'file_edges',
  copy: 'temp.edge_rows',
  columns: ['run_id'],
  compared: ['run_id'],
};
