/** The twin of bench/floor/writer.ts over PostgreSQL, as it is written every day: a pool, and a transaction for each request. */
import type pg from 'pg';
import type { BareStart } from '../floor/writer.ts';

/** Where it tells what it wrote. */
export const CHANNEL = 'starts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS nodes (run_id text, node_label text, status text, started_at float8, PRIMARY KEY (run_id, node_label));
  CREATE TABLE IF NOT EXISTS payloads (run_id text, node_label text, input text, PRIMARY KEY (run_id, node_label))`;
const NODE = "INSERT INTO nodes VALUES ($1, $2, 'running', $3)";
const PAYLOAD = 'INSERT INTO payloads VALUES ($1, $2, $3)';
const NOTIFY = 'SELECT pg_notify($1, $2)';

export async function makeTables(pool: pg.Pool): Promise<void> {
  await pool.query(TABLES);
}

/** Resolves once all of it is on disk. With `tells`, those who listen are told the labels. */
export async function writeStarts(pool: pg.Pool, starts: readonly BareStart[], tells: boolean): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const { runId, nodeLabel, inputJson } of starts) {
      await client.query({ name: 'node', text: NODE, values: [runId, nodeLabel, Date.now() / 1000] });
      await client.query({ name: 'payload', text: PAYLOAD, values: [runId, nodeLabel, inputJson] });
      if (tells) await client.query({ name: 'notify', text: NOTIFY, values: [CHANNEL, nodeLabel] });
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
