/**
 * What lythonic told about a file, put into an order that can be compared: JSON objects keyed by label become lists of
 * pairs, and times become text with microseconds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime } from '../../src/time.ts';
import { FIXTURES } from '../support/lythonicFixtures.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The answers about one run, by lythonic's names of the questions. */
export type RunAnswers = Readonly<Record<string, unknown>>;

export interface Told {
  /** The database. */
  readonly file: string;
  /** The version of lythonic that was asked. */
  readonly lythonic: string;
  /** Rows by plain SQL, in order of rowid. */
  readonly rows: { readonly [table: string]: readonly Row[] };
  readonly runs: ReadonlyMap<string, RunAnswers>;
  readonly lists: Lists;
}

/** Ids, in order. Null where lythonic of that version could not be asked. */
export interface Lists {
  readonly get_recent_runs:
    | readonly { readonly args: { limit?: number; status?: string }; readonly ids: unknown }[]
    | null;
  readonly get_active_runs: unknown;
}

export function readTold(name: string): Told {
  const told = JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));
  const rows: Record<string, Row[]> = {};
  for (const [table, { columns, rows: values }] of Object.entries<{ columns: string[]; rows: unknown[][] }>(
    told.tables,
  )) {
    rows[table] = values.map((row) => ordered(Object.fromEntries(row.map((value, i) => [columns[i], value]))) as Row);
  }
  return {
    file: told.file,
    lythonic: told.lythonic,
    rows,
    runs: new Map(
      Object.entries<Row>(told.runs).map(([runId, answers]) => {
        const children = told.get_child_runs && { get_child_runs: told.get_child_runs[runId] };
        return [runId, ordered({ ...answers, ...children }) as RunAnswers];
      }),
    ),
    lists: {
      get_recent_runs: told.get_recent_runs ?? null,
      get_active_runs: told.get_active_runs ?? null,
    },
  };
}

/** Whether an answer is the exception that lythonic met. */
export function isError(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && '$error' in answer;
}

/** Order of UTF-8 bytes, in which SQLite compares texts. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A time as it is shown here. lythonic leaves out a fraction of zero. */
export function shownTime(time: unknown): unknown {
  if (typeof time === 'number') return formatTime(time);
  if (typeof time !== 'string') return time;
  return time.replace(
    /^([^.+Z]+)(?:\.(\d+))?(?:Z|\+00:00)$/,
    (_, second, fraction = '') => `${second}.${fraction.padEnd(6, '0')}Z`,
  );
}

const LONG = 10_000;

/** A text as the expectations have it: a long one by its length, digest and ends. */
export function shownText(text: string, digest: (text: string) => string): unknown {
  if (text.length <= LONG) return text;
  const points = Array.from(text);
  if (points.length <= LONG) return text;
  const [head, tail] = [points.slice(0, 80).join(''), points.slice(-80).join('')];
  return { $long: { length: points.length, sha256: digest(text), head, tail } };
}

const TIMES = ['started_at', 'finished_at', 'traversed_at', 'latest_update'];

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null || '$long' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, orderedField(name, inner)]));
}

function orderedField(name: string, value: unknown): unknown {
  if (TIMES.includes(name)) return shownTime(value);
  const isKeyed = typeof value === 'object' && value !== null && !Array.isArray(value) && !isError(value);
  // Labels that look like numbers have lost their place in JSON; lythonic gives nodes in this order.
  if (isKeyed && (name === 'nodes' || name === 'get_node_output')) {
    return Object.entries(value)
      .toSorted(([a], [b]) => byBytes(a, b))
      .map(([label, inner]) => [label, ordered(inner)]);
  }
  if (isKeyed && name === 'sub_dags') return Object.entries(value).map(([key, inner]) => [key, ordered(inner)]);
  return ordered(value);
}
