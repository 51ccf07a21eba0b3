import type { Connection, Parameters } from '../../../src/store/embedded/connection.ts';

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

/** The names of the tables and indexes that a statement opens to read or to write. */
export function opened(db: Connection, sql: string): Set<string> {
  const pages = new Map(
    db
      .all<{ name: string; rootpage: number }>('SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0')
      .map(({ name, rootpage }) => [rootpage, name]),
  );
  const names = db
    .all<{ opcode: string; p2: number }>(`EXPLAIN ${sql}`, unbound(sql))
    .filter(({ opcode }) => opcode === 'OpenRead' || opcode === 'OpenWrite')
    .map(({ p2 }) => pages.get(p2) ?? `page ${p2}`);
  return new Set(names);
}

/** Whether it is a statement that has a plan, rather than one that governs the connection. */
export function hasPlan(sql: string): boolean {
  return /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(sql);
}

function unbound(sql: string): Parameters {
  return Object.fromEntries(Array.from(sql.matchAll(/@(\w+)/g), ([, name = '']) => [name, null]));
}
