import type { Connection } from '../embedded/connection.ts';

/** What a file's tables are made of. Its generation is told by their columns, table by table: a file can mix them. */
export interface Table {
  readonly columns: ReadonlySet<string>;
  /** Whether rows can be looked up by run: the primary key begins with it. */
  readonly keyedByRun: boolean;
}

/** The tables that lythonic makes, as far as a file has them, by name. */
export type Tables = ReadonlyMap<string, Table>;

const COLUMNS = `
  SELECT t.name AS "table", c.name AS "column", c.pk AS keyPlace
  FROM pragma_table_list AS t CROSS JOIN pragma_table_info(t.name, 'main') AS c
  WHERE t.schema = 'main' AND t.type = 'table' AND NOT t.wr AND t.name IN ('dag_runs', 'node_executions', 'edge_traversals')`;

/** The tables of the file itself, whatever stands in for them on this connection. */
export function readTables(db: Connection): Tables {
  const tables = new Map<string, { columns: Set<string>; keyedByRun: boolean }>();
  for (const row of db.all<{ table: string; column: string; keyPlace: number }>(COLUMNS)) {
    let table = tables.get(row.table);
    if (!table) {
      table = { columns: new Set(), keyedByRun: false };
      tables.set(row.table, table);
    }
    table.columns.add(row.column);
    if (row.column === 'run_id' && row.keyPlace === 1) table.keyedByRun = true;
  }
  return tables;
}

/** What every generation has. The other tables may be still to come: lythonic makes them one by one. */
const ESSENTIAL = ['run_id', 'dag_nsref', 'status', 'started_at', 'finished_at', 'source_inputs_json'];

/** Whether these are tables that lythonic made: dagloupe's own have other columns. */
export function areLythonic(tables: Tables): boolean {
  const runs = tables.get('dag_runs');
  return runs !== undefined && ESSENTIAL.every((column) => runs.columns.has(column));
}

/** Whether a file is one that lythonic made. */
export function isLythonicFile(db: Connection): boolean {
  return areLythonic(readTables(db));
}
