import { Fault } from '../../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Session } from './session.ts';

/** How many of the migrations a database has been through: one row, which whoever migrates locks. */
const MAKE_VERSION = `
  CREATE TABLE IF NOT EXISTS dagloupe_schema (only_row integer NOT NULL PRIMARY KEY CHECK (only_row = 1), version integer NOT NULL);
  INSERT INTO dagloupe_schema VALUES (1, 0) ON CONFLICT DO NOTHING`;

const VERSION = 'SELECT version FROM dagloupe_schema WHERE only_row = 1';

/** @throws Fault BAD_REQUEST for a database that cannot hold every text */
export async function checkEncoding(session: Session): Promise<void> {
  const [row] = await session.all<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding");
  if (row?.encoding === 'UTF8') return;
  throw new Fault(
    'BAD_REQUEST',
    `${session.location} keeps texts in ${row?.encoding}, which lacks characters; give a database made with ENCODING 'UTF8'`,
  );
}

/**
 * How many of the migrations the database has been through; 0 where dagloupe has no tables yet.
 * @throws Fault STORE_UNAVAILABLE if a newer dagloupe made them
 */
export async function schemaVersion(session: Session, migrations = MIGRATIONS): Promise<number> {
  if (!(await hasVersion(session))) return 0;
  const version = (await session.all<{ version: number }>(VERSION))[0]?.version ?? 0;
  if (version <= migrations.length) return version;
  throw new Fault(
    'STORE_UNAVAILABLE',
    `${session.location} was written by a newer dagloupe (its schema is ${version}, this one knows up to ${migrations.length}); update dagloupe to open it`,
  );
}

async function hasVersion(session: Session): Promise<boolean> {
  const [answer] = await session.all<{ found: boolean }>("SELECT to_regclass('dagloupe_schema') IS NOT NULL AS found");
  return answer?.found === true;
}

/**
 * Brings a new or older database to the newest schema. Servers that start together take turns; who comes second finds it done.
 * @throws Fault
 */
export async function migrate(session: Session, migrations = MIGRATIONS): Promise<void> {
  await makeVersion(session);
  for (let version = 0; version < migrations.length; ) version = await migrateOnce(session, migrations);
}

/** Of several that make one table at once, only one may, whatever IF NOT EXISTS says. */
async function makeVersion(session: Session): Promise<void> {
  try {
    await session.script(MAKE_VERSION);
  } catch (error) {
    if (!(await hasVersion(session))) throw error;
  }
}

/** Runs the next migration, in a transaction of its own, and gives the version that the database has then. */
async function migrateOnce(session: Session, migrations: readonly string[]): Promise<number> {
  await session.script(
    'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0',
  );
  try {
    const [row] = await session.all<{ version: number }>(`${VERSION} FOR UPDATE`);
    const version = row?.version ?? 0;
    const next = migrations[version];
    if (next === undefined) {
      await session.script('ROLLBACK');
      return version;
    }
    await session.script(next);
    await session.script(`UPDATE dagloupe_schema SET version = ${version + 1} WHERE only_row = 1; COMMIT`);
    return version + 1;
  } catch (error) {
    if (session.isOpen) await session.script('ROLLBACK');
    throw error;
  }
}

const MAY_WRITE = `
  SELECT current_setting('transaction_read_only') = 'off' AND bool_and(has_table_privilege(name, 'INSERT')) AS writable
  FROM unnest(ARRAY['dag_runs', 'run_payloads', 'node_executions', 'node_payloads', 'edge_traversals']) AS tables (name)`;

/** Whether this user may write here, and the server is no replica. */
export async function mayWrite(session: Session): Promise<boolean> {
  const [answer] = await session.all<{ writable: boolean }>(MAY_WRITE);
  return answer?.writable === true;
}
