/** The twin of bench/floor/tree.ts over PostgreSQL: what is asked of a level is asked at once, over several connections of a pool. */
import type pg from 'pg';
import type { FloorCall } from '../floor/floor.ts';
import { type EdgeRow, type NodeRow, RUN_COLUMNS, type RunRow, shownEdge, shownNode, shownRun } from '../floor/rows.ts';

type ShownRun = ReturnType<typeof shownRun> & { readonly nodes: ShownNode[]; readonly edges: object[] };
type ShownNode = ReturnType<typeof shownNode> & { subDags?: { key: string; run: ShownRun }[] };

const ROOT = `SELECT ${RUN_COLUMNS} FROM dag_runs WHERE run_id = $1`;
const RUNS = `SELECT ${RUN_COLUMNS} FROM dag_runs WHERE parent_run_id = ANY($1) ORDER BY parent_run_id, started_at`;
const NODES = `SELECT run_id, node_label, status, started_at, finished_at FROM node_executions WHERE run_id = ANY($1)
  ORDER BY run_id, started_at, node_label`;
const EDGES = `SELECT run_id, upstream_label, downstream_label, traversed_at FROM edge_traversals WHERE run_id = ANY($1)
  ORDER BY run_id, traversed_at`;

export async function readTree(
  pool: pg.Pool,
  { runId, levels }: Extract<FloorCall, { what: 'tree' }>,
): Promise<ShownRun | null> {
  const rows = async <Row extends pg.QueryResultRow>(name: string, text: string, key: unknown): Promise<Row[]> =>
    (await pool.query<Row>({ name, text, values: [key] })).rows;
  const [root] = await rows<RunRow>('root', ROOT, runId);
  if (!root) return null;
  const top: ShownRun = { ...shownRun(root), nodes: [], edges: [] };
  let runs = new Map([[runId, { row: root, shown: top }]]);
  for (let level = 1; runs.size > 0; level++) {
    const keys = [...runs.keys()];
    const [nodeRows, edgeRows, runRows] = await Promise.all([
      rows<NodeRow>('nodes', NODES, keys),
      rows<EdgeRow>('edges', EDGES, keys),
      level < levels ? rows<RunRow>('runs', RUNS, keys) : [],
    ]);
    const nodes = new Map<string, ShownNode>();
    for (const row of nodeRows) {
      const node: ShownNode = shownNode(row);
      if (level < levels) node.subDags = [];
      runs.get(row.run_id)?.shown.nodes.push(node);
      nodes.set(`${row.run_id} ${row.node_label}`, node);
    }
    for (const row of edgeRows) runs.get(row.run_id)?.shown.edges.push(shownEdge(row));
    const next: typeof runs = new Map();
    for (const row of runRows) {
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
}
