/** What is after a mark in a lythonic file, as far as changes of one tree and of all runs have it in common. */
import type { Connection, Parameters } from '../embedded/connection.ts';
import { NODE } from '../embedded/nodes.ts';
import { RUN } from '../embedded/slices.ts';
import { type Anchor, type Mark, type Open, print, readMark } from './mark.ts';

/** A row and its rowid in the file. */
export type Rowed<Row> = Row & { readonly rid: number };

/** Rowids that end a range of new rows, and how many of them fit. */
export interface Range extends Parameters {
  readonly after: number;
  readonly until: number;
  readonly limit: number;
}

export interface Step<Row> {
  readonly rows: readonly Rowed<Row>[];
  /** The rows up to here were told. */
  readonly until: number;
  /** How many more rows fit. */
  readonly left: number;
}

export function step<Row>(limit: number, after: number, end: number, read: (range: Range) => Rowed<Row>[]): Step<Row> {
  if (limit <= 0) return { rows: [], until: after, left: 0 };
  const rows = read({ after, until: end, limit });
  return { rows, until: rows.length < limit ? end : (rows.at(-1)?.rid ?? end), left: limit - rows.length };
}

export type Ends = Pick<Mark, 'anchor' | 'runs' | 'nodes' | 'edges'>;

export function endsOf(db: Connection): Ends {
  const anchor = db.get<Anchor>(NEWEST_RUN) ?? { rid: 0, runId: '' };
  const last = (sql: string): number => db.get<{ rid: number }>(sql)?.rid ?? 0;
  return { anchor, runs: anchor.rid, nodes: last(NEWEST_NODE), edges: last(NEWEST_EDGE) };
}

/** The mark in a cursor; null if it is none of this file as it is now. */
export function markIn(db: Connection, cursor: string | null, ends: Ends): Omit<Mark, 'anchor'> | null {
  const mark = cursor === null ? null : readMark(cursor);
  if (!mark || mark.runs > ends.runs || mark.nodes > ends.nodes || mark.edges > ends.edges) return null;
  const { rid } = mark.anchor;
  const runId = rid === 0 ? '' : db.get<Anchor>(RUN_AT, { rid })?.runId;
  return runId !== undefined && print(runId) === mark.anchor.print ? mark : null;
}

export interface State {
  readonly status: string;
  readonly finishedAt: number | null;
}

export function openAmong<Row extends Rowed<State>>(rows: readonly Row[], isOpen: (row: Row) => boolean): Open {
  return new Map(rows.filter(isOpen).map((row) => [row.rid, stateOf(row)]));
}

export function changedSince<Row extends Rowed<State>>(open: Open, rows: readonly Row[]): Row[] {
  return rows.filter((row) => open.get(row.rid) !== stateOf(row));
}

export function stateOf({ status, finishedAt }: State): number {
  return print(`${status} ${finishedAt}`);
}

export function withoutRid<Row>({ rid: _, ...row }: Rowed<Row>): Omit<Rowed<Row>, 'rid'> {
  return row;
}

export function rowids(open: Open): string {
  return JSON.stringify([...open.keys()]);
}

export const ROWED_RUN = `${RUN}, r.rid`;
export const ROWED_NODE = `${NODE}, n.rid`;
export const IN_RANGE = (rid: string): string => `${rid} > @after AND ${rid} <= @until`;

const NEWEST_RUN = 'SELECT rid, run_id AS runId FROM dag_runs ORDER BY rid DESC LIMIT 1';
const NEWEST_NODE = 'SELECT rid FROM file_nodes ORDER BY rid DESC LIMIT 1';
const NEWEST_EDGE = 'SELECT rid FROM edge_traversals ORDER BY rid DESC LIMIT 1';
const RUN_AT = 'SELECT rid, run_id AS runId FROM dag_runs WHERE rid = @rid';
