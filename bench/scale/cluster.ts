/** A PostgreSQL of our own, with its settings as they come: what was acknowledged is on disk. Its data are kept in bench/results/cache. */
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ownPostgres } from '../../test/support/ownPostgres.ts';

export interface Cluster {
  urlOf(database: string): string;
  /** Makes an empty database; one of that name is dropped first. Gives its URL. */
  create(database: string): Promise<string>;
  /** A database that is made once and kept: its URL. Those that have the stem of its name and another version are dropped. */
  kept(stem: string, version: string, fill: (url: string) => Promise<void>): Promise<string>;
  stop(): Promise<void>;
}

const DATA = fileURLToPath(new URL('../results/cache/postgres', import.meta.url));

export async function startCluster(): Promise<Cluster> {
  const { server, url } = await ownPostgres({ data: DATA, persistent: true });
  if (!existsSync(DATA)) {
    mkdirSync(DATA, { recursive: true });
    await server.initialise();
  }
  await server.start();
  const urlOf = (database: string): string => `${url}/${database}`;
  const admin = new pg.Client(urlOf('postgres'));
  await admin.connect();
  const drop = (database: string) => admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  const create = async (database: string): Promise<string> => {
    await drop(database);
    await admin.query(`CREATE DATABASE ${database}`);
    return urlOf(database);
  };
  return {
    urlOf,
    create,
    async kept(stem, version, fill) {
      const name = `${stem}_${version}`;
      const { rows } = await admin.query<{ datname: string }>(DATABASES, [stem]);
      if (rows.some(({ datname }) => datname === name)) return urlOf(name);
      for (const { datname } of rows) await drop(datname);
      await fill(await create('draft'));
      await admin.query(`ALTER DATABASE draft RENAME TO ${name}`);
      return urlOf(name);
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

const DATABASES = "SELECT datname FROM pg_database WHERE starts_with(datname, $1 || '_')";
