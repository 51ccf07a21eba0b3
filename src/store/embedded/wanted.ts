/** What a filter wants of the columns of runs that have indexes of their own. */
import { RUN_STATUSES } from '../../model.ts';
import { afterPrefix } from '../afterPrefix.ts';
import type { RunFilter, TextFilter } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { textKeys } from './keys.ts';
import type { Bind } from './slices.ts';

/** What a filter wants of a column. */
export interface Wanted {
  readonly column: 'status' | 'dag_nsref' | 'initiated_by';
  /** The values that pass; null if there are more than `most` in the file. */
  readonly values: (db: Connection, most: number) => readonly string[] | null;
  /** The condition on a run that is met on the way; its plus keeps the column's own index out of it, which has another order. */
  readonly along: (bind: Bind) => string;
  /** The conditions that say what its index has of it, in runs or in roots only; absent where values are given, or few anyway. */
  readonly range?: (bind: Bind) => string[];
}

/** Nothing of the columns that the filter has no condition on. */
export function wantedColumns(filter: RunFilter): Wanted[] {
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
    range: (bind) => [...conditionsOf(`r.${column}`, column, range, bind), ...ofRoots(parent)],
    values: (db, most) => found(db, column, range, parent, most),
    along: (bind) => conditionsOf(`+r.${column}`, column, range, bind).join(' AND '),
  };
}

function ofRoots(parent: RunFilter['parent']): string[] {
  return parent === 'roots' ? ['r.parent_run_id IS NULL'] : [];
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
  const next = (start: string): string =>
    `SELECT min(r.${column}) FROM dag_runs AS r WHERE ${[start, ...until, ...ofRoots(parent)].join(' AND ')}`;
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
