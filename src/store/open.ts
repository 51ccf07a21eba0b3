import { existsSync, statSync } from 'node:fs';
import { Fault } from '../errors.ts';
import { Connection } from './embedded/connection.ts';
import { patiently } from './embedded/patience.ts';
import type { EventLimits } from './ledger/check.ts';
import { isLythonicFile } from './lythonic/recognise.ts';
import { openLythonicStore } from './lythonic/store.ts';
import type { PostgresOptions } from './postgres/options.ts';
import { isPostgresUrl } from './postgres/place.ts';
import { isOwnedFile } from './sqlite/schema.ts';
import { openSqliteStore } from './sqlite/store.ts';
import type { Store } from './store.ts';

export interface OpenOptions {
  readonly limits?: EventLimits;
  /** Make no store where nothing is. */
  readonly mustExist?: boolean;
  readonly postgres?: PostgresOptions;
}

/** A store, and how it was found: made anew, or dagloupe's own, or a file of lythonic's. */
export interface Opened {
  readonly store: Store;
  readonly found: 'new' | 'owned' | 'lythonic';
}

/**
 * Opens what a path or a `postgres://` URL leads to. Where nothing is, a new store of dagloupe's own is made.
 * @throws Fault BAD_REQUEST for what is neither, and whatever the back ends throw.
 */
export async function openStore(path: string, options: OpenOptions = {}): Promise<Opened> {
  if (path === '')
    throw new Fault('BAD_REQUEST', 'the path is empty; give the path of a file or the URL of a database');
  if (isPostgresUrl(path)) {
    // With its driver, which files do not need.
    const { openPostgresStore } = await import('./postgres/store.ts');
    const { store, isNew } = await openPostgresStore(path, { ...options, ...options.postgres });
    return { store, found: isNew ? 'new' : 'owned' };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    const shown = path.replace(/\/\/.*@/, '//…@');
    throw new Fault('BAD_REQUEST', `${shown} is a URL; give the path of a file, or the postgres:// URL of a database`);
  }
  const found = await recognise(path);
  if (found === 'new' && options.mustExist) {
    throw new Fault(
      'BAD_REQUEST',
      `${path} ${existsSync(path) ? 'is empty' : 'does not exist'}; give a file with runs in it`,
    );
  }
  if (found === 'lythonic') return { store: await openLythonicStore(path), found };
  return { store: await openSqliteStore(path, options), found };
}

async function recognise(path: string): Promise<Opened['found']> {
  const stat = existsSync(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (!stat) return 'new';
  if (stat.isDirectory()) {
    throw new Fault(
      'BAD_REQUEST',
      `${path} is a folder; give the path of a file in it, such as ${path.replace(/\/$/, '')}/dags.db`,
    );
  }
  if (!stat.isFile()) throw new Fault('BAD_REQUEST', `${path} is not a file; give the path of a SQLite file`);
  if (stat.size === 0) return 'new';

  const db = new Connection(path);
  try {
    // As one snapshot: another process may be making the file just now.
    return await patiently(() => db.snapshot(() => recogniseTables(db)));
  } finally {
    db.close();
  }
}

function recogniseTables(db: Connection): Opened['found'] {
  if (isOwnedFile(db)) return 'owned';
  if (isLythonicFile(db)) return 'lythonic';
  const tables = db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 5");
  if (tables.length === 0) return 'new';
  throw new Fault(
    'BAD_REQUEST',
    `${db.path} is a SQLite file of something else (its tables: ${tables.map(({ name }) => name).join(', ')}); ` +
      'give a file of dagloupe or the dags.db of lythonic, which has dag_runs and node_executions',
  );
}
