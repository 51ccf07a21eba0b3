import type { Connection, Filling } from '../../../src/store/embedded/connection.ts';

/** A step of a query plan: what SQLite does there, and inside which other step. */
export interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** The steps of the plan of a statement, as it is prepared: its parameters are not known. */
export function planOf(db: Connection, sql: string): Step[] {
  return db.all<Step>(`EXPLAIN QUERY PLAN ${sql}`, unbound(sql));
}

/** Whether it is a statement that has a plan, rather than one that governs the connection. */
export function hasPlan(sql: string): boolean {
  return /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(sql);
}

function unbound(sql: string): Filling {
  const places = Array.from(sql.matchAll(/\?/g), () => null);
  if (places.length > 0) return places;
  return Object.fromEntries(Array.from(sql.matchAll(/@(\w+)/g), ([, name = '']) => [name, null]));
}
