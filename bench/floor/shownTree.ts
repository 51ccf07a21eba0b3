/** A tree as it is shown, put together level by level from rows, however those are read. */
import {
  type EdgeRow,
  type NodeRow,
  type PayloadRow,
  type RunRow,
  shownEdge,
  shownNode,
  shownPayload,
  shownRun,
} from './rows.ts';

export type ShownRun = ReturnType<typeof shownRun> & { readonly nodes: ShownNode[]; readonly edges: object[] };
type ShownNode = ReturnType<typeof shownNode> & { io?: object; subDags?: { key: string; run: ShownRun }[] };

/** The runs of a level, by their ids. */
export type Level = ReadonlyMap<string, { readonly row: RunRow; readonly shown: ShownRun }>;

export function levelOf(rows: readonly RunRow[]): Level {
  return new Map(rows.map((row) => [row.run_id, { row, shown: { ...shownRun(row), nodes: [], edges: [] } }]));
}

/** What was read of the runs of a level; what was not asked for is absent. */
export interface LevelRows {
  readonly nodes: readonly NodeRow[];
  readonly payloads?: readonly PayloadRow[] | undefined;
  readonly edges: readonly EdgeRow[];
  readonly subRuns?: readonly RunRow[] | undefined;
}

/** Fills a level in, and gives the next one. */
export function fillLevel(level: Level, rows: LevelRows): Level {
  const nodes = new Map<string, ShownNode>();
  for (const row of rows.nodes) {
    const node: ShownNode = shownNode(row);
    if (rows.payloads) node.io = {};
    if (rows.subRuns) node.subDags = [];
    level.get(row.run_id)?.shown.nodes.push(node);
    nodes.set(`${row.run_id} ${row.node_label}`, node);
  }
  for (const row of rows.payloads ?? []) {
    const node = nodes.get(`${row.run_id} ${row.node_label}`);
    if (node) node.io = shownPayload(row);
  }
  for (const row of rows.edges) level.get(row.run_id)?.shown.edges.push(shownEdge(row));
  const next = levelOf(rows.subRuns ?? []);
  for (const [, { row, shown }] of next) {
    const parent = level.get(row.parent_run_id ?? '');
    const key = row.dag_nsref.slice((parent?.row.dag_nsref.length ?? 0) + 1);
    nodes.get(`${row.parent_run_id} ${key.slice(0, key.indexOf('['))}`)?.subDags?.push({ key, run: shown });
  }
  return next;
}
