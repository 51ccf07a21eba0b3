import { type DagRun, RUN_STATUSES } from '../../model.ts';
import { afterPrefix } from '../afterPrefix.ts';
import type { RunFilter, Slice, TextFilter } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { textKeys } from './keys.ts';
import { type Bind, orderBy, RUN, sliceConditions } from './slices.ts';

/**
 * A page of all runs that pass a filter. Each combination of values that columns must equal is a lane: one range of one
 * index, already in order. The page is the merge of its lanes, so it costs no more than their number times its length,
 * however many runs there are. With many lanes, it is looked for among the first runs before.
 */
export function runPage(db: Connection, filter: RunFilter, slice: Slice): DagRun[] {
  const page = new Page(db, filter, slice);
  const rows = page.byLanes(FEW_LANES) ?? page.amongFirst() ?? page.byLanes(MANY_LANES, 'partly') ?? [];
  return slice.fromEnd ? rows.reverse() : rows;
}

/** Up to so many, lanes are the quickest way. */
const FEW_LANES = 64;
/** Rather than open more lanes, all runs are gone through in order of start, and those left out that do not pass. */
const MANY_LANES = 1_024;
/** How many runs are gone through before many lanes are opened. */
const FIRST = 1_000;

/** The ways to find a page, for `runPage` to choose from. They give null where they do not lead to it. */
class Page {
  readonly #db: Connection;
  readonly #filter: RunFilter;
  readonly #slice: Slice;
  readonly #order: string;

  constructor(db: Connection, filter: RunFilter, slice: Slice) {
    this.#db = db;
    this.#filter = filter;
    this.#slice = slice;
    this.#order = orderBy(slice, 'newest');
  }

  byLanes(most: number, partly?: 'partly'): DagRun[] | null {
    let lanes: string[][] = [[]];
    const along: Wanted[] = [];
    const equal: string[] = [];
    for (const wanted of wantedColumns(this.#filter)) {
      // The sub-runs of one run are few enough to be gone through in order of start.
      const values = typeof this.#filter.parent === 'object' ? null : wanted.values(this.#db, most);
      if (values && values.length * lanes.length <= most) {
        lanes = lanes.flatMap((lane) => values.map((value) => [...lane, value]));
        equal.push(`r.${wanted.column} = k.value ->> ${equal.length}`);
      } else if (partly) {
        along.push(wanted);
      } else {
        return null;
      }
    }
    return this.#read((bind) => {
      const conditions = [...this.#places(bind), ...equal, ...along.map((wanted) => wanted.along(bind)), 'true'];
      const found = `dag_runs AS r WHERE ${conditions.join(' AND ')}`;
      // To join the one lane with itself would take as long again.
      if (equal.length === 0) return found;
      return `json_each(${bind('lanes', JSON.stringify(lanes))}) AS k CROSS JOIN dag_runs AS r ON r.rowid IN (
        SELECT r.rowid FROM ${found} ORDER BY ${this.#order} LIMIT @limit + 0
      )`;
    });
  }

  amongFirst(): DagRun[] | null {
    if (typeof this.#filter.parent === 'object') return null;
    const rows = this.#read((bind) => {
      const conditions = wantedColumns(this.#filter).map((wanted) => wanted.along(bind));
      return `dag_runs AS r WHERE r.rowid IN (
        SELECT r.rowid FROM (
          SELECT r.rowid AS place FROM dag_runs AS r WHERE ${[...this.#places(bind), 'true'].join(' AND ')}
          ORDER BY ${this.#order} LIMIT ${bind('first', FIRST)} + 0
        ) AS first CROSS JOIN dag_runs AS r ON r.rowid = first.place WHERE ${conditions.join(' AND ')} LIMIT @limit + 0
      )`;
    });
    return rows.length === this.#slice.limit ? rows : null;
  }

  #places(bind: Bind): string[] {
    return [...placeConditions(this.#filter, bind), ...sliceConditions(this.#slice, 'newest', bind)];
  }

  #read(from: (bind: Bind) => string): DagRun[] {
    const parameters: Parameters = { limit: this.#slice.limit };
    const source = from((name, value) => {
      parameters[name] = value;
      return `@${name}`;
    });
    return this.#db.all(`SELECT ${RUN} FROM ${source} ORDER BY ${this.#order} LIMIT @limit + 0`, parameters);
  }
}

/** The conditions of such a page on each run by itself, for whoever goes through all runs. */
export function runConditions(filter: RunFilter, slice: Slice, bind: Bind): string[] {
  const wanted = wantedColumns(filter).map((column) => column.along(bind));
  return [...placeConditions(filter, bind), ...sliceConditions(slice, 'newest', bind), ...wanted];
}

function placeConditions({ parent, startedFrom, startedUntil }: RunFilter, bind: Bind): string[] {
  const conditions: string[] = [];
  if (parent === 'roots') conditions.push('r.parent_run_id IS NULL');
  else if (parent) conditions.push(`r.parent_run_id = ${bind('parent', parent.runId)}`);
  if (startedFrom !== undefined) conditions.push(`r.started_at >= ${bind('from', startedFrom)}`);
  if (startedUntil !== undefined) conditions.push(`r.started_at < ${bind('until', startedUntil)}`);
  return conditions;
}

/** What a filter wants of a column. */
interface Wanted {
  readonly column: 'status' | 'dag_nsref' | 'initiated_by';
  /** The values that pass; null if there are more than `most` in the file. */
  readonly values: (db: Connection, most: number) => readonly string[] | null;
  /** The condition on a run that is met on the way; its plus keeps the column's own index out of it, which has another order. */
  readonly along: (bind: Bind) => string;
}

function wantedColumns(filter: RunFilter): Wanted[] {
  return [
    wantedStatus(filter),
    wantedText('dag_nsref', filter.dagNsref, filter.parent),
    wantedText('initiated_by', filter.initiatedBy, filter.parent),
  ].filter((wanted) => wanted !== null);
}

const KNOWN_STATUSES: readonly string[] = RUN_STATUSES;

function wantedStatus({ statuses, unknownStatus, parent }: RunFilter): Wanted | null {
  if (!statuses && !unknownStatus) return null;
  const given = [...new Set(statuses)];
  return {
    column: 'status',
    values: (db, most) => {
      const passes = (status: string): boolean => given.includes(status) || !KNOWN_STATUSES.includes(status);
      return unknownStatus
        ? (found(db, 'status', { from: '', until: null }, parent, most)?.filter(passes) ?? null)
        : given;
    },
    along: (bind) => {
      const condition = `+r.status IN (SELECT value FROM json_each(${bind('statuses', textKeys(given))}))`;
      if (!unknownStatus) return condition;
      return `(${condition} OR +r.status NOT IN (SELECT value FROM json_each(${bind('known', textKeys(KNOWN_STATUSES))})))`;
    },
  };
}

function wantedText(
  column: 'dag_nsref' | 'initiated_by',
  filter: TextFilter | undefined,
  parent: RunFilter['parent'],
): Wanted | null {
  if (!filter) return null;
  const { eq, in: list, startsWith: prefix = '' } = filter;
  if (eq !== undefined || list) {
    const values = [...new Set(list ?? (eq === undefined ? [] : [eq]))].filter(
      (value) => (eq === undefined || value === eq) && value.startsWith(prefix),
    );
    return {
      column,
      values: () => values,
      along: (bind) => `+r.${column} IN (SELECT value FROM json_each(${bind(column, textKeys(values))}))`,
    };
  }
  if (filter.startsWith === undefined) return null;
  const range: Range = { from: prefix, until: afterPrefix(prefix) };
  return {
    column,
    values: (db, most) => found(db, column, range, parent, most),
    along: (bind) => conditionsOf(`+r.${column}`, column, range, bind).join(' AND '),
  };
}

/** Texts from one on, and before another if it is given, in the order of UTF-8 bytes. */
interface Range {
  readonly from: string;
  readonly until: string | null;
}

/** The values that a column has in a range, in runs or in roots only, by leaps along its index; null if there are more than `most`. */
function found(
  db: Connection,
  column: Wanted['column'],
  range: Range,
  parent: RunFilter['parent'],
  most: number,
): string[] | null {
  const parameters: Parameters = { most };
  const [from = '', ...until] = conditionsOf(`r.${column}`, column, range, (name, value) => {
    parameters[name] = value;
    return `@${name}`;
  });
  const among = parent === 'roots' ? [...until, 'r.parent_run_id IS NULL'] : until;
  const next = (start: string): string =>
    `SELECT min(r.${column}) FROM dag_runs AS r WHERE ${[start, ...among].join(' AND ')}`;
  const rows = db.all<{ value: string }>(
    `WITH RECURSIVE found(value) AS (
      ${next(from)}
      UNION ALL SELECT (${next(`r.${column} > found.value`)}) FROM found WHERE found.value IS NOT NULL LIMIT @most + 1
    ) SELECT value FROM found WHERE value IS NOT NULL`,
    parameters,
  );
  return rows.length > most ? null : rows.map(({ value }) => value);
}

function conditionsOf(text: string, name: string, { from, until }: Range, bind: Bind): string[] {
  const conditions = [`${text} >= ${bind(`${name}From`, from)}`];
  if (until !== null) conditions.push(`${text} < ${bind(`${name}Until`, until)}`);
  return conditions;
}
