import type { Connection } from '../embedded/connection.ts';

/** Sets what holds for a connection that writes, and leaves the file as it is. */
export function tune(db: Connection): void {
  // SQLite's default here would lose the newest commits when the machine loses power.
  db.pragma('synchronous = FULL');
  // A statement of many rows keeps the pages it changes as they were, to take itself back: not in a file.
  db.pragma('temp_store = MEMORY');
  // Pages of the log, 16 MiB: runs at work write the same pages again and again, which then go into the file once.
  db.pragma('wal_autocheckpoint = 4000');
}
