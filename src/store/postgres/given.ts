import type { Statement } from './session.ts';
import type { Scalar, Value } from './values.ts';

/** A statement over rows that are given to it: its text for one of them, and for any number. */
export interface OverRows {
  readonly one: string;
  readonly many: string;
}

/**
 * Writes a statement over rows `k`, whose columns are `name type` each; their parameters begin at a place. Many rows come as an array
 * for each column. To take those apart costs more than it does to write one row, so a single one comes as it is.
 */
export function overRows(first: number, columns: readonly string[], sql: (k: string) => string): OverRows {
  const names = columns.map((column) => column.split(' ')[0]).join(', ');
  const parameters = columns.map((column, place) => `$${first + place}::${column.split(' ')[1]}`);
  return {
    one: sql(`(SELECT ${parameters.join(', ')}) AS k (${names})`),
    many: sql(`unnest(${parameters.map((parameter) => `${parameter}[]`).join(', ')}) AS k (${names})`),
  };
}

const texts = new Map<string, string>();

/** Statements that do not depend on each other as one: what a statement costs is, if it writes one row, mostly its being one. */
export function together(statements: readonly Statement[]): Statement {
  const key = statements.map(({ sql }) => sql).join(';');
  let sql = texts.get(key);
  if (sql === undefined) {
    sql = withOthers(statements);
    texts.set(key, sql);
  }
  return { sql, values: statements.flatMap(({ values = [] }) => values) };
}

function withOthers(statements: readonly Statement[]): string {
  let first = 0;
  const renumbered = statements.map(({ sql, values = [] }) => {
    const before = first;
    first += values.length;
    return sql.replaceAll(/\$(\d+)/g, (_, place: string) => `$${before + Number(place)}`);
  });
  const last = renumbered.pop() ?? '';
  return renumbered.length === 0 ? last : `WITH ${renumbered.map((sql, i) => `w${i} AS (${sql})`).join(', ')} ${last}`;
}

/** The statement with its rows, after the values that stand before them. */
export function given(
  { one, many }: OverRows,
  rows: readonly (readonly Scalar[])[],
  before: readonly Value[] = [],
): Statement {
  const [row = []] = rows;
  if (rows.length === 1) return { sql: one, values: [...before, ...row] };
  const columns = row.map((_, column) => rows.map((values) => values[column] ?? null));
  return { sql: many, values: [...before, ...columns] };
}
