/** Files as the generations of lythonic make them, for tests that write them. */
import Database from 'better-sqlite3';

const RUNS =
  'run_id TEXT PRIMARY KEY, dag_nsref TEXT NOT NULL, status TEXT NOT NULL, started_at REAL NOT NULL, finished_at REAL, source_inputs_json TEXT';
const NODES =
  'run_id TEXT NOT NULL, node_label TEXT NOT NULL, status TEXT NOT NULL, input_json TEXT, output_json TEXT, started_at REAL, finished_at REAL, error TEXT';
const EDGES =
  'run_id TEXT NOT NULL, upstream_label TEXT NOT NULL, downstream_label TEXT NOT NULL, traversed_at REAL NOT NULL';

/** The tables that a version makes in a new file. The order of columns does not matter. */
export const GENERATIONS = {
  gen0: [`dag_runs (${RUNS})`, `node_executions (${NODES}, PRIMARY KEY (run_id, node_label))`],
  gen1: [
    `dag_runs (${RUNS})`,
    `node_executions (${NODES}, node_type TEXT, PRIMARY KEY (run_id, node_label))`,
    `edge_traversals (${EDGES})`,
  ],
  gen2: [
    `dag_runs (${RUNS}, parent_run_id TEXT)`,
    `node_executions (${NODES}, node_type TEXT, PRIMARY KEY (run_id, node_label))`,
    `edge_traversals (${EDGES})`,
  ],
  gen4: [
    `dag_runs (${RUNS}, parent_run_id TEXT, sink_outputs_json TEXT, initiated_by TEXT)`,
    `node_executions (${NODES}, is_source INTEGER DEFAULT 0, is_sink INTEGER DEFAULT 0, PRIMARY KEY (run_id, node_label))`,
    `edge_traversals (${EDGES}, PRIMARY KEY (run_id, upstream_label, downstream_label))`,
  ],
} as const;

/** A new file of a generation, and a connection that writes it as another process would. */
export function newFile(path: string, generation: keyof typeof GENERATIONS = 'gen4'): Database.Database {
  const db = new Database(path);
  db.pragma('foreign_keys = OFF');
  // Nothing here has to survive a loss of power.
  db.pragma('synchronous = OFF');
  for (const table of GENERATIONS[generation]) db.exec(`CREATE TABLE ${table}`);
  return db;
}

/** Adds a run, with the columns given on top of what it needs. */
export function addRun(db: Database.Database, runId: string, more: Record<string, unknown> = {}): void {
  insert(db, 'dag_runs', { run_id: runId, dag_nsref: 'dag', status: 'completed', started_at: 1, ...more });
}

/** Starts a node as lythonic does: a restart replaces the row. */
export function addNode(db: Database.Database, runId: string, label: string, more: Record<string, unknown> = {}): void {
  insert(db, 'node_executions', { run_id: runId, node_label: label, status: 'running', started_at: 1, ...more });
}

export function addEdge(db: Database.Database, runId: string, from: string, to: string, at = 1): void {
  insert(db, 'edge_traversals', { run_id: runId, upstream_label: from, downstream_label: to, traversed_at: at });
}

function insert(db: Database.Database, table: string, row: Record<string, unknown>): void {
  const columns = Object.keys(row);
  const sql = `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  db.prepare(sql).run(...Object.values(row));
}
