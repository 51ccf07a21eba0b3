import { Fault } from '../../errors.ts';
import type { Connection } from '../embedded/connection.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Marks a file as dagloupe's own, in SQLite's `application_id`: "dagl". */
const APPLICATION_ID = 0x6461676c;

export function isOwnedFile(db: Connection): boolean {
  return db.pragma('application_id') === APPLICATION_ID;
}

/**
 * Looks whether a file can be brought to the newest schema, before anything in it is changed.
 * @throws Fault STORE_UNAVAILABLE if a newer dagloupe made it, BAD_REQUEST if another program did.
 */
export function checkSchema(db: Connection, migrations = MIGRATIONS): void {
  db.snapshot(() => versionOf(db, migrations));
}

/**
 * Brings a new or older file to the newest schema. Processes that open it together take turns; who comes second finds it done.
 * @throws Fault as `checkSchema` does
 */
export function migrate(db: Connection, migrations = MIGRATIONS): void {
  if (db.snapshot(() => versionOf(db, migrations)) === migrations.length) return;
  db.write(() => {
    for (const migration of migrations.slice(versionOf(db, migrations))) db.script(migration);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  });
}

/** How many of the migrations the file has been through. To be asked in a transaction, so that all of the answer is of one time. */
function versionOf(db: Connection, migrations: readonly string[]): number {
  if (!isOwnedFile(db)) {
    if (db.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined) return 0;
    throw new Fault('BAD_REQUEST', `${db.path} is a SQLite file of another program; give the path of another file`);
  }
  const version = Number(db.pragma('user_version'));
  if (version <= migrations.length) return version;
  throw new Fault(
    'STORE_UNAVAILABLE',
    `${db.path} was written by a newer dagloupe (its schema is ${version}, this one knows up to ${migrations.length}); update dagloupe to open it`,
  );
}
