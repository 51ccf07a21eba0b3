import { type DagRun, RUN_STATUSES } from '../../model.ts';
import { afterPrefix } from '../afterPrefix.ts';
import type { RunFilter, Slice, TextFilter } from '../store.ts';
import { Parameters } from './keys.ts';
import type { Session } from './session.ts';
import { orderBy, RUN, sliceConditions } from './slices.ts';

/**
 * A page of all runs that pass a filter. Each combination of values that columns must equal is a lane: one range of one
 * index, already in order. The page is the merge of its lanes, so it costs no more than their number times its length,
 * however many runs there are.
 */
export async function runPage(session: Session, filter: RunFilter, slice: Slice): Promise<DagRun[]> {
  const parameters = new Parameters();
  const { bind, values } = parameters;
  const conditions = [...placeConditions(filter, parameters), ...sliceConditions(slice, 'newest', parameters)];
  let lanes: string[][] = [[]];
  let columns = 0;
  for (const wanted of wantedColumns(filter)) {
    // The sub-runs of one run are few enough to be gone through in order of start.
    const found = typeof filter.parent === 'object' ? null : await wanted.values(session);
    if (found && found.length * lanes.length <= MAX_LANES) {
      lanes = lanes.flatMap((lane) => found.map((value) => [...lane, value]));
      conditions.push(wanted.lane(`k.c${columns++}`, parameters));
    } else {
      conditions.push(wanted.along(parameters));
    }
  }
  const order = orderBy(slice, 'newest');
  const limit = bind('bigint', slice.limit);
  const lane = `(SELECT * FROM dag_runs AS r WHERE ${['true', ...conditions].join(' AND ')} ORDER BY ${order} LIMIT ${limit})`;
  const places = Array.from({ length: columns }, (_, place) => place);
  const arrays = places.map((place) =>
    bind(
      'text[]',
      lanes.map((one) => one[place] ?? ''),
    ),
  );
  const names = places.map((place) => `c${place}`);
  const source =
    columns === 0 ? lane : `unnest(${arrays.join(', ')}) AS k (${names.join(', ')}) CROSS JOIN LATERAL ${lane}`;
  const sql = `SELECT ${RUN} FROM ${source} AS r ORDER BY ${order} LIMIT ${limit}`;
  const rows = await session.all<DagRun>(sql, values);
  return slice.fromEnd ? rows.reverse() : rows;
}

/** Rather than open more lanes, runs are gone through in order of start, and those left out that do not pass. */
const MAX_LANES = 64;

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
  /** The values of lanes; null if there are too many of them. */
  values(session: Session): Promise<readonly string[] | null> | readonly string[];
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
    values: (session) =>
      unknownStatus
        ? found(session, 'r.status', { from: '', until: null }, parent).then((all) => all?.filter(passes) ?? null)
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
    values: (session) => found(session, beginning(column), range, parent),
    lane: (value, parameters) => `${beginning(column)} = ${value} AND ${along(parameters)}`,
    along,
  };
}

/** Texts from one on, and before another if it is given, in the order of UTF-8 bytes. */
interface Range {
  readonly from: string;
  readonly until: string | null;
}

/** The values that what is indexed has in a range, in runs or in roots only, by leaps along its index; null if there are more than lanes. */
async function found(
  session: Session,
  indexed: string,
  { from, until }: Range,
  parent: RunFilter['parent'],
): Promise<string[] | null> {
  const { bind, values } = new Parameters();
  const most = bind('bigint', MAX_LANES);
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
    ) SELECT value FROM found WHERE value IS NOT NULL LIMIT ${most} + 1`,
    values,
  );
  return rows.length > MAX_LANES ? null : rows.map(({ value }) => value);
}
