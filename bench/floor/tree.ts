import type Database from 'better-sqlite3';
import type { FloorCall } from './floor.ts';
import {
  type EdgeRow,
  type NodeRow,
  type PayloadRow,
  RUN_COLUMNS,
  type RunRow,
  shownEdge,
  shownNode,
  shownPayload,
  shownRun,
} from './rows.ts';

type ShownRun = ReturnType<typeof shownRun> & { readonly nodes: ShownNode[]; readonly edges: object[] };
type ShownNode = ReturnType<typeof shownNode> & { io?: object; subDags?: { key: string; run: ShownRun }[] };

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
    const root = rootRun.get(runId);
    if (!root) return null;
    const top: ShownRun = { ...shownRun(root), nodes: [], edges: [] };
    let runs = new Map([[runId, { row: root, shown: top }]]);
    for (let level = 1; runs.size > 0; level++) {
      const keys = JSON.stringify([...runs.keys()]);
      const nodes = new Map<string, ShownNode>();
      for (const row of nodesOf.all(keys)) {
        const node: ShownNode = shownNode(row);
        if (payloads) node.io = {};
        if (level < levels) node.subDags = [];
        runs.get(row.run_id)?.shown.nodes.push(node);
        nodes.set(`${row.run_id} ${row.node_label}`, node);
      }
      if (payloads) {
        for (const row of payloadsOf.all(keys)) {
          const node = nodes.get(`${row.run_id} ${row.node_label}`);
          if (node) node.io = shownPayload(row);
        }
      }
      for (const row of edgesOf.all(keys)) runs.get(row.run_id)?.shown.edges.push(shownEdge(row));

      const next: typeof runs = new Map();
      for (const row of level < levels ? runsOf.all(keys) : []) {
        const parent = runs.get(row.parent_run_id ?? '');
        if (!parent) continue;
        const key = row.dag_nsref.slice(parent.row.dag_nsref.length + 1);
        const shown: ShownRun = { ...shownRun(row), nodes: [], edges: [] };
        nodes.get(`${row.parent_run_id} ${key.slice(0, key.indexOf('['))}`)?.subDags?.push({ key, run: shown });
        next.set(row.run_id, { row, shown });
      }
      runs = next;
    }
    return top;
  };
}
