/**
 * The floor: what the work costs without dagloupe. The same SQLite driver, statements written for just this answer, a loop
 * and JSON.stringify; no schema, no limits, no checks.
 */
import Database from 'better-sqlite3';
import { formatTime } from '../src/time.ts';

interface RunRow {
  run_id: string;
  dag_nsref: string;
  parent_run_id: string | null;
  status: string;
  started_at: number;
  finished_at: number | null;
}

interface NodeRow {
  run_id: string;
  node_label: string;
  status: string;
  started_at: number | null;
  finished_at: number | null;
}

interface EdgeRow {
  run_id: string;
  upstream_label: string;
  downstream_label: string;
  traversed_at: number;
}

export interface Floor {
  tree(runId: string): string;
  list(first: number): string;
  close(): void;
}

export function openFloor(path: string): Floor {
  const db = new Database(path, { readonly: true });
  const rootRun = db.prepare<[string], RunRow>(
    'SELECT run_id, dag_nsref, parent_run_id, status, started_at, finished_at FROM dag_runs WHERE run_id = ?',
  );
  const runsOf = db.prepare<[string], RunRow>(
    'SELECT run_id, dag_nsref, parent_run_id, status, started_at, finished_at FROM dag_runs WHERE parent_run_id IN (SELECT value FROM json_each(?))',
  );
  const nodesOf = db.prepare<[string], NodeRow>(
    'SELECT run_id, node_label, status, started_at, finished_at FROM node_executions WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id, started_at, node_label',
  );
  const edgesOf = db.prepare<[string], EdgeRow>(
    'SELECT run_id, upstream_label, downstream_label, traversed_at FROM edge_traversals WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id, traversed_at',
  );
  const newest = db.prepare<[number], RunRow>(
    'SELECT run_id, dag_nsref, parent_run_id, status, started_at, finished_at FROM dag_runs WHERE parent_run_id IS NULL ORDER BY started_at DESC, run_id DESC LIMIT ?',
  );
  const time = (seconds: number | null): string | null => (seconds === null ? null : formatTime(seconds));
  const shownRun = (run: RunRow) => ({
    runId: run.run_id,
    dagNsref: run.dag_nsref,
    status: run.status.toUpperCase(),
    startedAt: formatTime(run.started_at),
    finishedAt: time(run.finished_at),
  });

  type Shown = ReturnType<typeof shownRun> & { nodes: ShownNode[]; edges: object[] };
  type ShownNode = {
    nodeLabel: string;
    status: string;
    startedAt: string | null;
    finishedAt: string | null;
    subDags: { key: string; run: Shown }[];
  };

  return {
    tree(runId) {
      const root = rootRun.get(runId);
      if (!root) return 'null';
      const top: Shown = { ...shownRun(root), nodes: [], edges: [] };
      let level = new Map([[runId, { row: root, shown: top }]]);
      while (level.size > 0) {
        const keys = JSON.stringify([...level.keys()]);
        const nodes = new Map<string, ShownNode>();
        for (const row of nodesOf.all(keys)) {
          const node: ShownNode = {
            nodeLabel: row.node_label,
            status: row.status.toUpperCase(),
            startedAt: time(row.started_at),
            finishedAt: time(row.finished_at),
            subDags: [],
          };
          level.get(row.run_id)?.shown.nodes.push(node);
          nodes.set(`${row.run_id} ${row.node_label}`, node);
        }
        for (const row of edgesOf.all(keys)) {
          const edge = {
            upstreamLabel: row.upstream_label,
            downstreamLabel: row.downstream_label,
            traversedAt: formatTime(row.traversed_at),
          };
          level.get(row.run_id)?.shown.edges.push(edge);
        }
        const next: typeof level = new Map();
        for (const row of runsOf.all(keys)) {
          const parent = level.get(row.parent_run_id ?? '');
          if (!parent) continue;
          const key = row.dag_nsref.slice(parent.row.dag_nsref.length + 1);
          const shown: Shown = { ...shownRun(row), nodes: [], edges: [] };
          nodes.get(`${row.parent_run_id} ${key.slice(0, key.indexOf('['))}`)?.subDags.push({ key, run: shown });
          next.set(row.run_id, { row, shown });
        }
        level = next;
      }
      return JSON.stringify({ data: { dagRun: top } });
    },
    list: (first) => JSON.stringify({ data: { dagRuns: { nodes: newest.all(first).map(shownRun) } } }),
    close: () => {
      db.close();
    },
  };
}
