/**
 * The floor: what the work costs without dagloupe. The same SQLite driver, statements written for just this answer, a loop
 * and JSON.stringify; no schema, no limits, no checks.
 */
import Database from 'better-sqlite3';
import type { FileKind } from '../stores/storeFile.ts';
import { type PayloadRow, RUN_COLUMNS, type RunRow, shownPayload, shownRun } from './rows.ts';
import { treeReader } from './tree.ts';
import { treeWriter } from './writtenTree.ts';

/** What a floor can be asked, as data, so that it also travels over HTTP. */
export type FloorCall =
  | { readonly what: 'tree'; readonly runId: string; readonly levels: number; readonly payloads: boolean }
  | {
      readonly what: 'list';
      readonly where: readonly string[];
      readonly last: boolean;
      readonly size: number;
    }
  | { readonly what: 'io'; readonly runId: string; readonly labels: readonly string[] };

export interface Floor {
  /** The answer's JSON, as GraphQL gives it. */
  answer(call: FloorCall): string;
  /** The same for a tree, with the JSON written by SQLite. */
  written(call: CallOf<'tree'>): string;
  close(): void;
}

export function openFloor(kind: FileKind['name'], path: string): Floor {
  const db = new Database(path, { readonly: true });
  if (kind === 'attached') db.exec(BESIDE);
  const tree = treeReader(db);
  const list = listReader(db);
  const io = ioReader(db);
  return {
    answer(call) {
      if (call.what === 'tree') return JSON.stringify({ data: { dagRun: tree(call) } });
      if (call.what === 'list') return JSON.stringify({ data: { dagRuns: { nodes: list(call).map(shownRun) } } });
      return JSON.stringify({ data: { dagRun: { nodes: io(call) } } });
    },
    written: treeWriter(db),
    close: () => {
      db.close();
    },
  };
}

/**
 * The index that a lythonic file lacks, on a connection of one's own: its runs' metadata, under the same name, with what the
 * lists go along. Nodes and edges can be found by their keys.
 */
const BESIDE = `
  CREATE TEMP TABLE dag_runs AS
    SELECT run_id, dag_nsref, parent_run_id, status, started_at, finished_at, initiated_by FROM main.dag_runs;
  CREATE UNIQUE INDEX temp.by_id ON dag_runs (run_id);
  CREATE INDEX temp.newest ON dag_runs (started_at, run_id);
  CREATE INDEX temp.newest_roots ON dag_runs (started_at, run_id) WHERE parent_run_id IS NULL;
  CREATE INDEX temp.by_status ON dag_runs (status, started_at, run_id);
  CREATE INDEX temp.roots_by_status ON dag_runs (status, started_at, run_id) WHERE parent_run_id IS NULL;
  CREATE INDEX temp.by_name ON dag_runs (dag_nsref, started_at, run_id);
  CREATE INDEX temp.by_initiator ON dag_runs (initiated_by, started_at, run_id) WHERE parent_run_id IS NULL;
  CREATE INDEX temp.children ON dag_runs (parent_run_id, started_at, run_id) WHERE parent_run_id IS NOT NULL;
  CREATE TEMP VIEW node_payloads AS SELECT run_id, node_label, input_json, output_json FROM main.node_executions`;

type CallOf<What> = Extract<FloorCall, { what: What }>;

function listReader(db: Database.Database): (call: CallOf<'list'>) => RunRow[] {
  const statements = new Map<string, Database.Statement<[], RunRow>>();
  return ({ where, last, size }) => {
    const order = last ? 'ORDER BY started_at, run_id' : 'ORDER BY started_at DESC, run_id DESC';
    const pages = where.map(
      (condition) => `SELECT ${RUN_COLUMNS} FROM dag_runs WHERE ${condition} ${order} LIMIT ${size}`,
    );
    const joined = pages.map((page) => `SELECT * FROM (${page})`).join(' UNION ALL ');
    const sql = pages.length > 1 ? `${joined} ${order} LIMIT ${size}` : (pages[0] ?? '');
    const statement = statements.get(sql) ?? db.prepare<[], RunRow>(sql);
    statements.set(sql, statement);
    const rows = statement.all();
    return last ? rows.reverse() : rows;
  };
}

function ioReader(db: Database.Database): (call: CallOf<'io'>) => object[] {
  const payloads = db.prepare<[string, string], PayloadRow>(
    `SELECT p.* FROM json_each(?) AS k CROSS JOIN node_payloads AS p ON p.run_id = ? AND p.node_label = k.value`,
  );
  return ({ runId, labels }) =>
    payloads.all(JSON.stringify(labels), runId).map((row) => ({ nodeLabel: row.node_label, io: shownPayload(row) }));
}
