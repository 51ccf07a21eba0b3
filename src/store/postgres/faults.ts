import pg from 'pg';
import { Fault, type FaultCode } from '../../errors.ts';

/** What is known of an SQLSTATE, by its beginning. */
interface Known {
  readonly state: string;
  readonly code: FaultCode;
  readonly remedy: string;
  /** Trying again may help: at once, or over a new connection. */
  readonly again?: 'same' | 'anew';
}

const KNOWN: readonly Known[] = [
  { state: '28', code: 'STORE_UNAVAILABLE', remedy: 'it does not let this user in; look at the user and the password' },
  { state: '3D000', code: 'STORE_UNAVAILABLE', remedy: 'there is no such database; create it, or give another name' },
  {
    state: '3F000',
    code: 'STORE_UNAVAILABLE',
    remedy: 'there is no such schema; create it, or change the search_path',
  },
  {
    state: '42501',
    code: 'READ_ONLY_STORE',
    remedy: 'this user may not do that; grant it, or connect as another user',
  },
  { state: '25006', code: 'READ_ONLY_STORE', remedy: 'it can only be read; give the URL of the primary server' },
  { state: '42704', code: 'BAD_REQUEST', remedy: 'it does not know an option in the URL; leave it out' },
  { state: '53100', code: 'STORE_FULL', remedy: 'its disk is full; nothing was written: make room and try again' },
  {
    state: '53300',
    code: 'STORE_BUSY',
    remedy: 'it has no connection left; raise its max_connections or close other clients',
    again: 'anew',
  },
  { state: '53', code: 'STORE_BUSY', remedy: 'it is short of memory or the like; try again', again: 'same' },
  {
    state: '57014',
    code: 'STORE_BUSY',
    remedy: 'a statement took too long; try again, ask for less at once, or raise DAGLOUPE_STATEMENT_TIMEOUT_MS',
  },
  {
    state: '57',
    code: 'STORE_UNAVAILABLE',
    remedy: 'it ended the connection or is starting; try again',
    again: 'anew',
  },
  { state: '08', code: 'STORE_UNAVAILABLE', remedy: 'the connection was lost; try again', again: 'anew' },
  { state: '25P03', code: 'STORE_UNAVAILABLE', remedy: 'a transaction waited too long; try again', again: 'anew' },
  // Another writer: of a row that was to be new, of the same trees the other way round, or for too long.
  { state: '23505', code: 'STORE_BUSY', remedy: 'others write the same runs; try again', again: 'same' },
  { state: '40', code: 'STORE_BUSY', remedy: 'others write the same runs; try again', again: 'same' },
  { state: '55P03', code: 'STORE_BUSY', remedy: 'others hold its locks; try again', again: 'same' },
  // A statement that was prepared before a migration, or that a pooler keeps on another connection.
  { state: '0A000', code: 'STORE_UNAVAILABLE', remedy: 'its tables were altered; try again', again: 'anew' },
  {
    state: '26000',
    code: 'STORE_UNAVAILABLE',
    remedy: 'it lost a prepared statement; behind a pooler, set DAGLOUPE_POOLER',
    again: 'anew',
  },
  {
    state: '42P01',
    code: 'STORE_UNAVAILABLE',
    remedy: 'tables of dagloupe are missing; restore them or restart dagloupe',
  },
  {
    state: '42P07',
    code: 'BAD_REQUEST',
    remedy:
      'its schema has tables of another program; give another schema, by ?options=-csearch_path%3DNAME in the URL',
  },
  {
    state: '54000',
    code: 'BAD_REQUEST',
    remedy: "a run's id or a label is too long to be a key in PostgreSQL; keep a run's id and labels under 500 bytes",
  },
  { state: 'XX001', code: 'STORE_CORRUPT', remedy: 'it found damaged data; restore it from a copy' },
  { state: 'XX002', code: 'STORE_CORRUPT', remedy: 'it found a damaged index; have it reindexed' },
];

/** What went wrong in the driver, as a fault that names the database and the remedy; anything else as it is. Holds no password. */
export function asFault(error: unknown, location: string): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  if (error instanceof pg.DatabaseError) {
    const { code, remedy } = knownOf(error) ?? { code: 'INTERNAL', remedy: 'an error that is not foreseen' };
    return new Fault(code, `${location}: ${remedy} (${error.code}: ${error.message})`, { cause: error });
  }
  if (error.message.includes('client password must be')) {
    const wanted = 'it wants a password; set PGPASSWORD, or write a ~/.pgpass';
    return new Fault('STORE_UNAVAILABLE', `${location}: ${wanted}`, { cause: error });
  }
  if (error.message === 'Query read timeout') {
    const late = 'it gave no answer in time; look at its load, its locks and the network';
    return new Fault('STORE_UNAVAILABLE', `${location}: ${late}`, { cause: error });
  }
  const reason = 'code' in error ? String(error.code) : error.message;
  const remedy = 'it cannot be reached; look whether the server runs, and at host, port and network';
  return new Fault('STORE_UNAVAILABLE', `${location}: ${remedy} (${reason})`, { cause: error });
}

/** Whether a fault may be gone at the next try: `same` over the same connection, `anew` over a new one, null if it will not. */
export function mayHelp(error: unknown): 'same' | 'anew' | null {
  const cause = error instanceof Fault ? error.cause : error;
  if (cause instanceof pg.DatabaseError) return knownOf(cause)?.again ?? null;
  // What is no error of the database's own is one of the network.
  return cause instanceof Error && !(cause instanceof Fault) ? 'anew' : null;
}

function knownOf({ code = '' }: pg.DatabaseError): Known | undefined {
  return KNOWN.find(({ state }) => code.startsWith(state));
}
