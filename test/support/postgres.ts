/** Databases of the PostgreSQL that the tests run: see `postgresServer.ts`. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Runs statements as the owner of all, past any store. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A new, empty database. */
export async function newDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asOwner(`${server}/postgres`, `CREATE DATABASE ${name}`);
  const url = `${server}/${name}`;
  return {
    url,
    name,
    query: (sql, values) => asOwner(url, sql, values),
    drop: async () => {
      await asOwner(`${server}/postgres`, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

const free: TestDatabase[] = [];

/** An empty database, whose tables may be there already: cheaper than a new one. To be given back. */
export async function borrowDatabase(): Promise<TestDatabase> {
  return free.pop() ?? (await newDatabase());
}

/** Empties a database for the next one who borrows it. Its stores have to be closed. */
export async function giveBack(database: TestDatabase): Promise<void> {
  const tables = await database.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('dagloupe_schema', 'commit_lanes')",
  );
  const statements = tables.map(({ name }) => `DELETE FROM ${name}`);
  await database.query([...statements, 'UPDATE commit_lanes SET commits = 0 WHERE commits > 0'].join('; '));
  free.push(database);
}

let answer: Promise<string> | null = null;

async function serverUrl(): Promise<string> {
  answer ??= fetch(inject('postgres')).then((response) => response.text());
  return answer;
}

async function asOwner<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values && [...values])).rows;
  } finally {
    await client.end();
  }
}
