import { Fault } from '../../errors.ts';
import type { Connection } from '../embedded/connection.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Marks a file as dagloupe's own, in SQLite's `application_id`: "dagl". */
const APPLICATION_ID = 0x6461676c;

export function isOwnedFile(db: Connection): boolean {
  return db.pragma('application_id') === APPLICATION_ID;
}

/**
 * Brings a new or older file to the newest schema. Processes that open it together take turns; who comes second finds it done.
 * @throws Fault STORE_UNAVAILABLE if a newer dagloupe made the file.
 */
export function migrate(db: Connection): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  db.write(() => {
    const version = versionOf(db);
    for (const migration of MIGRATIONS.slice(version)) db.script(migration);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  });
}

function versionOf(db: Connection): number {
  const version = Number(db.pragma('user_version'));
  if (version > MIGRATIONS.length) {
    throw new Fault(
      'STORE_UNAVAILABLE',
      `${db.path} was written by a newer dagloupe (its schema is ${version}, this one knows up to ${MIGRATIONS.length}); update dagloupe to open it`,
    );
  }
  return version;
}
