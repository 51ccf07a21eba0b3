import { Fault } from '../../errors.ts';
import type { NodeKey } from '../../model.ts';

/** Keys as one JSON text, for `json_each`: any number of them in one prepared statement. */
export function textKeys(keys: readonly string[]): string {
  return JSON.stringify(keys);
}

/** As `textKeys`; `value ->> 0` is the run, `value ->> 1` the label. */
export function nodeKeys(keys: readonly NodeKey[]): string {
  return JSON.stringify(keys.map(({ runId, nodeLabel }) => [runId, nodeLabel]));
}

/** Words of our own, none with a quote in it, as what follows IN in a statement. */
export function inList(words: readonly string[]): string {
  return `(${words.map((word) => `'${word}'`).join(', ')})`;
}

/** Rows of a read that was asked for one row more than `limit`. */
export function capped<Row>(rows: Row[], limit: number): Row[] {
  if (rows.length <= limit) return rows;
  throw new Fault(
    'LIMIT_EXCEEDED',
    `more than ${limit} rows would be read; ask for less at once, by pages or by filters`,
  );
}
