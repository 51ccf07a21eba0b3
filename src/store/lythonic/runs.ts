import { RUN_ENDS } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { inList } from '../embedded/keys.ts';
import { BEFORE_ALL, type CopyShape, differ, lastRow, type Mirrored, nextRows, RowCopy, within } from './copy.ts';

/**
 * The runs of the file without their payloads, with the root of each, and with the indexes that pages, children and trees
 * need: what stands in for the owned table `dag_runs`. The root is null while it is to be found.
 */
export class RunCopy implements Mirrored {
  readonly rows: RowCopy;
  readonly #db: Connection;
  /** The nodes up to here were looked at. */
  #nodesSeen: string;

  /** With progress, the tables are there already. */
  constructor(db: Connection, progress?: ReturnType<RunCopy['progress']>) {
    if (!progress) db.script(TABLES);
    this.rows = new RowCopy(db, SHAPE, progress?.taken);
    this.#db = db;
    this.#nodesSeen = progress?.nodesSeen ?? lastRow(db, 'file_nodes');
  }

  /** Up to where the file's rows were taken, for another connection to go on from. */
  progress(): { readonly taken: string; readonly nodesSeen: string } {
    return { taken: this.rows.taken, nodesSeen: this.#nodesSeen };
  }

  *build(limit: number): Generator<void> {
    while (!this.rows.load(limit)) yield;
    yield this.#db.script(INDEX_BY_ID);
    yield* this.#inheritRoots(limit);
    for (const index of INDEXES) yield this.#db.script(index);
    while (this.#findRoots(limit)) yield;
  }

  /** The newest roots and the newest sub-runs that have not ended; the newest that failed, as they can be restarted; and all whose nodes have started. */
  markLikely(limit: number): boolean {
    this.#db.run(MARK_UNFINISHED_ROOTS, { limit });
    this.#db.run(MARK_UNFINISHED_SUB_RUNS, { limit });
    this.#db.run(MARK_FAILED, { limit: FAILED });
    const { last, atEnd } = nextRows(this.#db, 'file_nodes', this.#nodesSeen, limit);
    if (last !== this.#nodesSeen) this.#db.run(MARK_GOING_ON, { after: this.#nodesSeen, until: last });
    this.#nodesSeen = atEnd ? lastRow(this.#db, 'file_nodes') : last;
    return atEnd;
  }

  refresh(): void {
    const db = this.#db;
    // Most rows keep their place in their tree: then no root changes but the status and times.
    if (db.run(UPDATE_IN_PLACE) > 0) db.run(UNMARK_IN_PLACE);
    if (!db.get('SELECT 1 FROM mirror.stale')) return;
    db.run(FORGET_ROOTS_BELOW);
    db.run('DELETE FROM mirror.dag_runs WHERE rid IN (SELECT rid FROM mirror.stale)');
    db.run(DELETE_FORMER_ROWS);
    db.run(INSERT);
    db.run(FORGET_ROOTS_BELOW);
    db.run('DELETE FROM mirror.stale');
    while (this.#findRoots(1_000));
  }

  /** Gives each run the root of its parent: in order of rowid, as parents are there before their children, or nearly all. */
  *#inheritRoots(limit: number): Generator<void> {
    let after = BEFORE_ALL;
    for (let atEnd = false; !atEnd; ) {
      yield;
      const next = nextRows(this.#db, 'mirror.dag_runs', after, limit);
      this.#db.run(INHERIT_ROOTS, { after, until: next.last });
      ({ last: after, atEnd } = next);
    }
  }

  /** Finds the roots of at most `limit` runs whose root is not known. Gives false when all are. */
  #findRoots(limit: number): boolean {
    if (this.#db.run(FIND_ROOTS, { limit }) === 0) return this.#db.run(ROOT_CIRCLES) > 0;
    this.#db.run(SET_ROOTS);
    this.#db.run('DELETE FROM mirror.found_roots');
    return true;
  }
}

const COLUMNS = 'run_id dag_nsref parent_run_id status started_at finished_at initiated_by'.split(' ');

const SHAPE: CopyShape = {
  source: 'file_runs',
  copy: 'mirror.dag_runs',
  columns: COLUMNS,
  // Who initiated a run never changes, and stands behind its payloads in the file, which would all have to be read.
  compared: COLUMNS.filter((column) => column !== 'initiated_by'),
};

const TABLES = `
CREATE TABLE mirror.found_roots (rid INTEGER PRIMARY KEY, root_run_id TEXT NOT NULL);
CREATE TABLE mirror.dag_runs (
  rid INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  dag_nsref TEXT NOT NULL,
  parent_run_id TEXT,
  root_run_id TEXT,
  status TEXT NOT NULL,
  started_at REAL NOT NULL,
  finished_at REAL,
  initiated_by TEXT
);`;

const UNFINISHED = `status NOT IN ${inList(RUN_ENDS)}`;

// Not unique: between two looks, a row that was replaced can be there under its old and its new rowid.
const INDEX_BY_ID = index('by_id', 'run_id');

/** Those of the owned table, and three to keep up by. */
const INDEXES = [
  index('newest', 'started_at, run_id'),
  index('newest_roots', 'started_at, run_id', 'parent_run_id IS NULL'),
  index('by_status', 'status, started_at, run_id'),
  index('by_status_roots', 'status, started_at, run_id', 'parent_run_id IS NULL'),
  index('by_nsref', 'dag_nsref, started_at, run_id'),
  index('by_nsref_roots', 'dag_nsref, started_at, run_id', 'parent_run_id IS NULL'),
  index('by_initiator', 'initiated_by, started_at, run_id', 'initiated_by IS NOT NULL'),
  index('by_initiator_roots', 'initiated_by, started_at, run_id', 'initiated_by IS NOT NULL AND parent_run_id IS NULL'),
  index('children_oldest', 'parent_run_id, started_at, run_id', 'parent_run_id IS NOT NULL'),
  index('children', 'parent_run_id, dag_nsref, status', 'parent_run_id IS NOT NULL'),
  index('tree', 'root_run_id, started_at, run_id', 'parent_run_id IS NOT NULL'),
  index('unfinished_roots', 'rid', `parent_run_id IS NULL AND ${UNFINISHED}`),
  index('unfinished_sub_runs', 'rid', `parent_run_id IS NOT NULL AND ${UNFINISHED}`),
  index('rootless', 'rid', 'root_run_id IS NULL'),
];

function index(name: string, columns: string, where?: string): string {
  return `CREATE INDEX mirror.dag_runs_${name} ON dag_runs (${columns})${where ? ` WHERE ${where}` : ''}`;
}

// Apart, since the sub-runs of a root are newer than it is, and can be many.
const MARK_UNFINISHED_ROOTS = markChangedOf(`WHERE parent_run_id IS NULL AND ${UNFINISHED} ORDER BY rid DESC`);
const MARK_UNFINISHED_SUB_RUNS = markChangedOf(`WHERE parent_run_id IS NOT NULL AND ${UNFINISHED} ORDER BY rid DESC`);
const MARK_FAILED = markChangedOf("WHERE status = 'failed' ORDER BY started_at DESC, run_id DESC");
/** How many failed runs are looked at after each change. */
const FAILED = 200;

function markChangedOf(which: string): string {
  return `INSERT OR IGNORE INTO mirror.stale
    SELECT u.rid FROM (SELECT * FROM mirror.dag_runs ${which} LIMIT @limit + 0) AS u LEFT JOIN file_runs AS f ON f.rid = u.rid
    WHERE f.rid IS NULL OR ${differ('f', 'u', SHAPE.compared)}`;
}

const MARK_GOING_ON = `INSERT OR IGNORE INTO mirror.stale
  SELECT c.rid FROM (SELECT DISTINCT run_id FROM file_nodes WHERE ${within('rid')}) AS n
  CROSS JOIN mirror.dag_runs AS c ON c.run_id = n.run_id
  CROSS JOIN file_runs AS f ON f.rid = c.rid
  WHERE ${differ('f', 'c', SHAPE.compared)}`;

const STALE_IN_PLACE = `SELECT s.rid FROM mirror.stale AS s
  CROSS JOIN mirror.dag_runs AS c ON c.rid = s.rid CROSS JOIN file_runs AS f ON f.rid = s.rid
  WHERE f.run_id = c.run_id AND f.parent_run_id IS c.parent_run_id`;

// No UPDATE FROM in here: SQLite would go through all of the table that is updated.
const UPDATE_IN_PLACE = `UPDATE mirror.dag_runs AS c SET (dag_nsref, status, started_at, finished_at) =
  (SELECT f.dag_nsref, f.status, f.started_at, f.finished_at FROM file_runs AS f WHERE f.rid = c.rid)
  WHERE c.rid IN (${STALE_IN_PLACE})`;

const UNMARK_IN_PLACE = `DELETE FROM mirror.stale WHERE rid IN (${STALE_IN_PLACE})`;

const DELETE_FORMER_ROWS = `DELETE FROM mirror.dag_runs
  WHERE run_id IN (SELECT f.run_id FROM mirror.stale AS s CROSS JOIN file_runs AS f ON f.rid = s.rid)`;

const INSERT = `INSERT INTO mirror.dag_runs (rid, ${COLUMNS.join(', ')})
  SELECT f.rid, ${COLUMNS.map((column) => `f.${column}`).join(', ')} FROM mirror.stale AS s CROSS JOIN file_runs AS f ON f.rid = s.rid`;

const FORGET_ROOTS_BELOW = `
  WITH RECURSIVE below(rid, run_id) AS (
    SELECT c.rid, c.run_id FROM mirror.stale AS s CROSS JOIN mirror.dag_runs AS r ON r.rid = s.rid
    CROSS JOIN mirror.dag_runs AS c ON c.parent_run_id = r.run_id
    UNION
    SELECT c.rid, c.run_id FROM below AS b CROSS JOIN mirror.dag_runs AS c ON c.parent_run_id = b.run_id
  )
  UPDATE mirror.dag_runs SET root_run_id = NULL WHERE rid IN (SELECT rid FROM below)`;

const INHERIT_ROOTS = `UPDATE mirror.dag_runs AS r
  SET root_run_id = iif(r.parent_run_id IS NULL, r.run_id, (SELECT p.root_run_id FROM mirror.dag_runs AS p WHERE p.run_id = r.parent_run_id))
  WHERE ${within('r.rid')}`;

/** From runs whose parent's root is known, or who have no parent or a missing one, downwards. */
const FIND_ROOTS = `
  WITH RECURSIVE rooted(rid, run_id, root_run_id) AS (
    SELECT * FROM (
      SELECT r.rid, r.run_id, coalesce(p.root_run_id, r.run_id)
      FROM mirror.dag_runs AS r LEFT JOIN mirror.dag_runs AS p ON p.run_id = r.parent_run_id
      WHERE r.root_run_id IS NULL AND (p.rid IS NULL OR p.root_run_id IS NOT NULL) LIMIT @limit + 0
    )
    UNION ALL
    SELECT c.rid, c.run_id, a.root_run_id FROM rooted AS a CROSS JOIN mirror.dag_runs AS c ON c.parent_run_id = a.run_id
    WHERE c.root_run_id IS NULL LIMIT @limit + 0
  )
  INSERT OR IGNORE INTO mirror.found_roots SELECT rid, root_run_id FROM rooted`;

const SET_ROOTS = `UPDATE mirror.dag_runs AS r SET root_run_id = (SELECT x.root_run_id FROM mirror.found_roots AS x WHERE x.rid = r.rid)
  WHERE r.rid IN (SELECT rid FROM mirror.found_roots)`;

/** What is left when no more roots are found has parents in a circle, or is below one. Who is in it is a root of its own. */
const ROOT_CIRCLES = `UPDATE mirror.dag_runs AS r SET root_run_id = run_id
  WHERE root_run_id IS NULL AND run_id IN (
    WITH RECURSIVE above(run_id) AS (
      SELECT r.parent_run_id
      UNION
      SELECT p.parent_run_id FROM above AS a CROSS JOIN mirror.dag_runs AS p ON p.run_id = a.run_id
    )
    SELECT run_id FROM above
  )`;
