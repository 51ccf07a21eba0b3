import type Database from 'better-sqlite3';
import type { FloorCall } from './floor.ts';
import { type EdgeRow, type NodeRow, type PayloadRow, RUN_COLUMNS, type RunRow } from './rows.ts';
import { fillLevel, levelOf, type ShownRun } from './shownTree.ts';

/** Reads trees level by level: a statement for each kind of row. */
export function treeReader(db: Database.Database) {
  const rootRun = db.prepare<[string], RunRow>(`SELECT ${RUN_COLUMNS} FROM dag_runs WHERE run_id = ?`);
  const byRuns = <Row>(columns: string, table: string, key: string, order: string) =>
    db.prepare<[string], Row>(
      `SELECT ${columns} FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?)) ORDER BY ${order}`,
    );
  const runsOf = byRuns<RunRow>(RUN_COLUMNS, 'dag_runs', 'parent_run_id', 'parent_run_id, started_at');
  const nodesOf = byRuns<NodeRow>(
    'run_id, node_label, status, started_at, finished_at',
    'node_executions',
    'run_id',
    'run_id, started_at, node_label',
  );
  const payloadsOf = byRuns<PayloadRow>(
    'run_id, node_label, input_json, output_json',
    'node_payloads',
    'run_id',
    'run_id',
  );
  const edgesOf = byRuns<EdgeRow>(
    'run_id, upstream_label, downstream_label, traversed_at',
    'edge_traversals',
    'run_id',
    'run_id, traversed_at',
  );

  return ({ runId, levels, payloads }: Extract<FloorCall, { what: 'tree' }>): ShownRun | null => {
    const top = levelOf(rootRun.all(runId));
    let runs = top;
    for (let level = 1; runs.size > 0; level++) {
      const keys = JSON.stringify([...runs.keys()]);
      runs = fillLevel(runs, {
        nodes: nodesOf.all(keys),
        payloads: payloads ? payloadsOf.all(keys) : undefined,
        edges: edgesOf.all(keys),
        subRuns: level < levels ? runsOf.all(keys) : undefined,
      });
    }
    return top.get(runId)?.shown ?? null;
  };
}
