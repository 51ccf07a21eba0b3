import type { Connection, Value } from '../embedded/connection.ts';

/**
 * How many rows one statement takes. Sent one by one, a small row costs more on its way to SQLite than in it. But of every page that
 * a statement of several rows changes, SQLite keeps what it was, which a few rows, each on a page of its own, do not make up for.
 */
const SIZES = [32, 1];

/**
 * Makes a function that writes any number of rows.
 *
 * @param sql The statement, given what stands for the rows after VALUES.
 * @param valuesOf The values of a row, in the order of the statement's columns.
 * @param places Where in a row of the statement they go, if some of its columns have what is the same in all rows. To hand a value over
 *   costs a good part of what it costs to store it.
 */
export function putRows<Row>(
  sql: (rows: string) => string,
  valuesOf: (row: Row) => readonly Value[],
  places?: string,
): (db: Connection, rows: readonly Row[]) => void {
  const statements = new Map<number, string>();

  function statementFor(size: number, width: number): string {
    const known = statements.get(size);
    if (known !== undefined) return known;
    const row = places ?? `(${Array(width).fill('?').join(', ')})`;
    const statement = sql(Array(size).fill(row).join(', '));
    statements.set(size, statement);
    return statement;
  }

  return (db, rows) => {
    let at = 0;
    for (const size of SIZES) {
      for (; at + size <= rows.length; at += size) {
        const values = rows.slice(at, at + size).flatMap(valuesOf);
        db.run(statementFor(size, values.length / size), values);
      }
    }
  };
}
