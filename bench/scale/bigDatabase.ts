/**
 * The twin of bench/stores: a database with many runs, the same as in the files, made once and kept in the cluster. The days are
 * copied by a statement for each table; what a column means is told by its name.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { openStore } from '../../src/store/open.ts';
import { MIGRATIONS } from '../../src/store/postgres/migrations/index.ts';
import { type Batch, beside, DAY_SECONDS, firstDay, RUNS_A_DAY } from '../stores/day.ts';
import { fingerprint } from '../stores/storeFile.ts';
import type { Cluster } from './cluster.ts';

/** The URL of a database with at least so many runs, a multiple of a thousand. It is for reading only. */
export function bigDatabase(cluster: Cluster, runs: number): Promise<string> {
  return cluster.kept(`runs_${runs}`, version(), async (url) => {
    const started = performance.now();
    await record(url, firstDay());
    await copyDays(url, runs / RUNS_A_DAY);
    await record(url, beside(runs / RUNS_A_DAY));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`bench: made a database of ${runs} runs in ${seconds} s\n`);
  });
}

/** Another one when what is in the database changes. */
function version(): string {
  const hash = createHash('sha256').update(fingerprint());
  for (const sql of MIGRATIONS) hash.update(sql);
  return hash
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex')
    .slice(0, 12);
}

async function record(url: string, batches: Iterable<Batch>): Promise<void> {
  const { store } = await openStore(url);
  for (const batch of batches) {
    const recorded = await store.record(batch);
    if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
  }
  await store.close();
}

/** The tables whose rows belong to runs, and their indexes that are no key. */
const TABLES = `
  SELECT t.table_name AS name, array_agg(t.column_name::text) AS columns
  FROM information_schema.columns AS t WHERE t.table_schema = current_schema()
  GROUP BY t.table_name HAVING bool_or(t.column_name = 'run_id')`;
const INDEXES = `
  SELECT i.indexname AS name, i.indexdef AS sql FROM pg_indexes AS i
  WHERE i.schemaname = current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conname = i.indexname)`;

/** The same ids as `idOn` gives. */
const ID_ON = `
  CREATE FUNCTION pg_temp.id_on(day bigint, id text) RETURNS text IMMUTABLE STRICT LANGUAGE sql RETURN
    lpad(to_hex((('x' || substr(id, 1, 8))::bit(32)::bigint + day * ${0x9e3779b1}) & ${0xffffffff}), 8, '0') || substr(id, 9)`;

/** What is lost in a crash is made again. */
const QUICK =
  "SET maintenance_work_mem = '1GB'; SET synchronous_commit = off; SET max_parallel_maintenance_workers = 0";

async function copyDays(url: string, days: number): Promise<void> {
  const db = new pg.Client(url);
  await db.connect();
  await db.query(QUICK);
  await db.query(ID_ON);
  const { rows: tables } = await db.query<{ name: string; columns: string[] }>(TABLES);
  const { rows: indexes } = await db.query<{ name: string; sql: string }>(INDEXES);
  for (const { name } of indexes) await db.query(`DROP INDEX ${name}`);
  for (const { name, columns } of tables) {
    const values = columns.map((column) => `${onOtherDay(column)} AS ${column}`).join(', ');
    await db.query(
      `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${values} FROM generate_series(1, ${days - 1}) AS day CROSS JOIN ${name}`,
    );
  }
  for (const { sql } of indexes) await db.query(sql);
  await db.query('VACUUM ANALYZE');
  await db.end();
}

function onOtherDay(column: string): string {
  if (column.endsWith('run_id')) return `pg_temp.id_on(day, ${column})`;
  return column.endsWith('_at') ? `${column} + day * ${DAY_SECONDS}` : column;
}
