import { type DagRun, RUN_STATUSES } from '../../model.ts';
import { afterPrefix } from '../afterPrefix.ts';
import type { RunFilter, Slice, TextFilter } from '../store.ts';
import { Parameters } from './keys.ts';
import type { Session } from './session.ts';
import { orderBy, RUN, sliceConditions } from './slices.ts';

/**
 * A page of all runs that pass a filter. Each combination of values that columns must equal is a lane: one range of one
 * index, already in order. The page is the merge of its lanes, so it costs no more than their number times its length,
 * however many runs there are. With many lanes, it is looked for among the first runs before.
 */
export async function runPage(session: Session, filter: RunFilter, slice: Slice): Promise<DagRun[]> {
  const page = new Page(session, filter, slice);
  const rows =
    (await page.byLanes(FEW_LANES)) ?? (await page.amongFirst()) ?? (await page.byLanes(MANY_LANES, 'partly')) ?? [];
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
  readonly #session: Session;
  readonly #filter: RunFilter;
  readonly #slice: Slice;
  readonly #order: string;

  constructor(session: Session, filter: RunFilter, slice: Slice) {
    this.#session = session;
    this.#filter = filter;
    this.#slice = slice;
    this.#order = orderBy(slice, 'newest');
  }

  async byLanes(most: number, partly?: 'partly'): Promise<DagRun[] | null> {
    const parameters = new Parameters();
    let lanes: string[][] = [[]];
    const conditions: string[] = [];
    const names: string[] = [];
    for (const wanted of wantedColumns(this.#filter)) {
      // The sub-runs of one run are few enough to be gone through in order of start.
      const values = typeof this.#filter.parent === 'object' ? null : await wanted.values(this.#session, most);
      if (values && values.length * lanes.length <= most) {
        lanes = lanes.flatMap((lane) => values.map((value) => [...lane, value]));
        const name = `c${names.length}`;
        names.push(name);
        conditions.push(wanted.lane(`k.${name}`, parameters));
      } else if (partly) {
        conditions.push(wanted.along(parameters));
      } else {
        return null;
      }
    }
    const lane = `(${this.#first([...this.#places(parameters), ...conditions], parameters, this.#slice.limit)})`;
    if (names.length === 0) return this.#read(`${lane} AS r`, parameters);
    const arrays = names.map((_, place) =>
      parameters.bind(
        'text[]',
        lanes.map((one) => one[place] ?? ''),
      ),
    );
    return this.#read(
      `unnest(${arrays.join(', ')}) AS k (${names.join(', ')}) CROSS JOIN LATERAL ${lane} AS r`,
      parameters,
    );
  }

  async amongFirst(): Promise<DagRun[] | null> {
    if (typeof this.#filter.parent === 'object') return null;
    const parameters = new Parameters();
    const first = this.#first(this.#places(parameters), parameters, FIRST);
    const conditions = wantedColumns(this.#filter).map((wanted) => wanted.along(parameters));
    const rows = await this.#read(`(${first}) AS r WHERE ${['true', ...conditions].join(' AND ')}`, parameters);
    return rows.length === this.#slice.limit ? rows : null;
  }

  #places(parameters: Parameters): string[] {
    return [...placeConditions(this.#filter, parameters), ...sliceConditions(this.#slice, 'newest', parameters)];
  }

  #first(conditions: readonly string[], { bind }: Parameters, limit: number): string {
    const all = ['true', ...conditions].join(' AND ');
    return `SELECT * FROM dag_runs AS r WHERE ${all} ORDER BY ${this.#order} LIMIT ${bind('bigint', limit)}`;
  }

  #read(from: string, { bind, values }: Parameters): Promise<DagRun[]> {
    const limit = bind('bigint', this.#slice.limit);
    return this.#session.all<DagRun>(`SELECT ${RUN} FROM ${from} ORDER BY ${this.#order} LIMIT ${limit}`, values);
  }
}

function placeConditions({ parent, startedFrom, startedUntil }: RunFilter, { bind }: Parameters): string[] {
  const conditions: string[] = [];
  if (parent === 'roots') conditions.push('r.parent_run_id IS NULL');
  else if (parent) conditions.push(`r.parent_run_id = ${bind('text', parent.runId)}`);
  if (startedFrom !== undefined) conditions.push(`r.started_at >= ${bind('float8', startedFrom)}`);
  if (startedUntil !== undefined) conditions.push(`r.started_at < ${bind('float8', startedUntil)}`);
  return conditions;
}

/** What a filter wants of a column. */
interface Wanted {
  /** The values of lanes; null if there are more than `most`. */
  values(session: Session, most: number): Promise<readonly string[] | null> | readonly string[];
  /** The condition on the runs of one lane, of which `value` is the text in SQL. */
  lane(value: string, parameters: Parameters): string;
  /** The condition on a run that is met on the way, written so that the column's own index, which has another order, is left alone. */
  along(parameters: Parameters): string;
}

function wantedColumns(filter: RunFilter): Wanted[] {
  return [
    wantedStatus(filter),
    wantedText('r.dag_nsref', filter.dagNsref, filter.parent),
    wantedText('r.initiated_by', filter.initiatedBy, filter.parent),
  ].filter((wanted) => wanted !== null);
}

const KNOWN_STATUSES: readonly string[] = RUN_STATUSES;

function wantedStatus({ statuses, unknownStatus, parent }: RunFilter): Wanted | null {
  if (!statuses && !unknownStatus) return null;
  const given = [...new Set(statuses)];
  const passes = (status: string): boolean => given.includes(status) || !KNOWN_STATUSES.includes(status);
  return {
    values: (session, most) =>
      unknownStatus
        ? found(session, 'r.status', { from: '', until: null, most }, parent).then((all) => all?.filter(passes) ?? null)
        : given,
    lane: (value) => `r.status = ${value}`,
    along: ({ bind }) => {
      const condition = `r.status || '' = ANY(${bind('text[]', given)})`;
      return unknownStatus ? `(${condition} OR r.status || '' <> ALL(${bind('text[]', KNOWN_STATUSES)}))` : condition;
    },
  };
}

type TextColumn = 'r.dag_nsref' | 'r.initiated_by';

/** Texts may be longer than what an index takes, so it has their beginnings. */
function beginning(text: string): string {
  return `left(${text}, 300)`;
}

function wantedText(column: TextColumn, filter: TextFilter | undefined, parent: RunFilter['parent']): Wanted | null {
  if (!filter) return null;
  const { eq, in: list, startsWith: prefix = '' } = filter;
  if (eq !== undefined || list) {
    const values = [...new Set(list ?? (eq === undefined ? [] : [eq]))].filter(
      (value) => (eq === undefined || value === eq) && value.startsWith(prefix),
    );
    return {
      values: () => values,
      lane: (value) => `${beginning(column)} = ${beginning(value)} AND ${column} = ${value}`,
      along: ({ bind }) => `${column} = ANY(${bind('text[]', values)})`,
    };
  }
  if (filter.startsWith === undefined) return null;
  const range: Range = { from: prefix, until: afterPrefix(prefix) };
  const along = ({ bind }: Parameters): string =>
    range.until === null
      ? `${column} >= ${bind('text', range.from)}`
      : `${column} >= ${bind('text', range.from)} AND ${column} < ${bind('text', range.until)}`;
  return {
    values: (session, most) => found(session, beginning(column), { ...range, most }, parent),
    lane: (value, parameters) => `${beginning(column)} = ${value} AND ${along(parameters)}`,
    along,
  };
}

/** Texts from one on, and before another if it is given, in the order of UTF-8 bytes. */
interface Range {
  readonly from: string;
  readonly until: string | null;
}

/** The values that what is indexed has in a range, in runs or in roots only, by leaps along its index; null if there are more than `most`. */
async function found(
  session: Session,
  indexed: string,
  { from, until, most }: Range & { readonly most: number },
  parent: RunFilter['parent'],
): Promise<string[] | null> {
  const { bind, values } = new Parameters();
  const limit = bind('bigint', most);
  const start = bind('text', from);
  const among: string[] = [];
  if (until !== null) among.push(`${indexed} <= ${beginning(bind('text', until))}`);
  if (parent === 'roots') among.push('r.parent_run_id IS NULL');
  const next = (after: string): string =>
    `SELECT min(${indexed}) FROM dag_runs AS r WHERE ${[`${indexed} ${after}`, ...among].join(' AND ')}`;
  const rows = await session.all<{ value: string }>(
    `WITH RECURSIVE found (value) AS (
      (${next(`>= ${beginning(start)}`)})
      UNION ALL SELECT (${next('> f.value')}) FROM found AS f WHERE f.value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL LIMIT ${limit} + 1`,
    values,
  );
  return rows.length > most ? null : rows.map(({ value }) => value);
}
