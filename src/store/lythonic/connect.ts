import { Connection, type ConnectionOptions } from '../embedded/connection.ts';

export type { Connection } from '../embedded/connection.ts';
export type ConnectOptions = Pick<ConnectionOptions, 'onStatement'>;

/** A connection to a file of others, which only reads it. */
export function connect(path: string, options: ConnectOptions = {}): Connection {
  const db = new Connection(path, options);
  db.pragma('query_only = 1');
  return db;
}

/**
 * Gives such a connection the database `mirror`, in a file at `place`, or in a private one of SQLite's own if that is empty. What is
 * in it is worth nothing after this process.
 */
export function attachMirror(db: Connection, place = ''): void {
  db.run('ATTACH @place AS mirror', { place });
  db.script('PRAGMA mirror.journal_mode = MEMORY; PRAGMA mirror.synchronous = OFF');
}

/** Another number after each commit of another connection. Inside a snapshot, that of its state. */
export function dataVersion(db: Connection): number {
  return db.get<{ data_version: number }>('PRAGMA main.data_version')?.data_version ?? 0;
}

/** Lets such a connection write for the length of one piece of work, which touches nothing but the mirror and temporary views. */
export function writing<T>(db: Connection, work: () => T): T {
  db.pragma('query_only = 0');
  try {
    return work();
  } finally {
    db.pragma('query_only = 1');
  }
}
