import { Fault } from '../errors.ts';

/**
 * Rows of a read that was asked for one row more than `limit`.
 * @throws Fault LIMIT_EXCEEDED if they are that many
 */
export function capped<Row>(rows: Row[], limit: number): Row[] {
  if (rows.length <= limit) return rows;
  throw new Fault(
    'LIMIT_EXCEEDED',
    `too many rows would be read: more than the ${limit} that are left to this request; ask for less at once, by pages or by filters`,
  );
}
