import type { MaybePromise } from '../store.ts';
import type { LeftOut } from '../transfer.ts';
import type { Connection } from './connect.ts';
import { BEFORE_ALL } from './copy.ts';

/** How many rows are gone through in one state of the file, so that no writer waits for long. */
const STEP = 20_000;

/** Counts the rows of a file that no read shows: those of runs that are gone, and those whose keys are no texts. */
export async function leftOut(look: <T>(read: (db: Connection) => T) => MaybePromise<T>): Promise<LeftOut[]> {
  const found: LeftOut[] = [];
  for (const { table, what, isLeftOut } of KINDS) {
    let rows = 0;
    if (!(await look((db) => db.get(HAS_TABLE, { table })))) continue;
    for (let after = BEFORE_ALL; ; ) {
      const step = await look((db) => db.get<Step>(stepThrough(table, isLeftOut), { after, limit: STEP }));
      rows += step?.rows ?? 0;
      if (step?.last == null) break;
      after = step.last;
    }
    if (rows > 0) found.push({ rows, what });
  }
  return found;
}

interface Step {
  readonly rows: number | null;
  /** Null at the end. */
  readonly last: string | null;
}

const HAS_TABLE = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = @table";

const RUN_IS_GONE = "typeof(f.run_id) <> 'text' OR NOT EXISTS (SELECT 1 FROM dag_runs AS r WHERE r.run_id = f.run_id)";

const KINDS = [
  { table: 'dag_runs', what: 'runs whose id is no text', isLeftOut: "typeof(f.run_id) <> 'text'" },
  {
    table: 'node_executions',
    what: 'nodes whose run is gone, or whose label is no text',
    isLeftOut: `${RUN_IS_GONE} OR typeof(f.node_label) <> 'text'`,
  },
  {
    table: 'edge_traversals',
    what: 'edges whose run is gone, or whose labels are no texts',
    isLeftOut: `${RUN_IS_GONE} OR typeof(f.upstream_label) <> 'text' OR typeof(f.downstream_label) <> 'text'`,
  },
];

function stepThrough(table: string, isLeftOut: string): string {
  return `SELECT sum(${isLeftOut}) AS rows, CAST(max(f.rowid) AS TEXT) AS last FROM main.${table} AS f
    WHERE f.rowid > CAST(@after AS INTEGER) AND f.rowid <= coalesce(
      (SELECT rowid FROM main.${table} WHERE rowid > CAST(@after AS INTEGER) ORDER BY rowid LIMIT 1 OFFSET @limit - 1),
      ${2n ** 63n - 1n})`;
}
