/** Where the work is done: SQLite and PostgreSQL, each by hand-written code and by dagloupe, several servers of each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../child.ts';
import type { FloorHandlers } from '../floor/serverProcess.ts';
import { OWNED, storeFile } from '../stores/storeFile.ts';
import { serveProgram } from '../subjects/program.ts';
import { bigDatabase } from './bigDatabase.ts';
import type { Cluster } from './cluster.ts';
import type { PostgresFloorHandlers } from './floorProcess.ts';

/** The servers over one store, by their addresses. */
export interface Place {
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly floor: readonly string[];
  readonly dagloupe: readonly string[];
  close(): Promise<void>;
}

/** A server of each over stores with so many runs, for reading. */
export async function readingPlaces(cluster: Cluster, runs: number): Promise<Place[]> {
  const path = await storeFile(OWNED, runs);
  const url = await bigDatabase(cluster, runs);
  const floor = new Child<FloorHandlers>(SQLITE_FLOOR);
  const floors = { urls: [await floor.ask('serve', { kind: 'owned', path })], end: () => floor.end() };
  return [
    place('SQLite', floors, await programs(path, 1)),
    place('PostgreSQL', await postgresFloors(url, 1), await programs(url, 1)),
  ];
}

/** Several servers of each over empty stores, for writing. */
export async function writingPlaces(cluster: Cluster, count: number): Promise<Place[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dagloupe-bench-'));
  const floors = await sqliteWriters(join(folder, 'floor.db'), count);
  const sqlite = place('SQLite', floors, await programs(join(folder, 'runs.db'), count));
  const postgres = place(
    'PostgreSQL',
    await postgresFloors(await cluster.create('floor'), count),
    await programs(await cluster.create('dagloupe'), count),
  );
  const close = async (): Promise<void> => {
    await sqlite.close();
    await rm(folder, { recursive: true });
  };
  return [{ ...sqlite, close }, postgres];
}

const SQLITE_FLOOR = new URL('../floor/serverProcess.ts', import.meta.url);
const POSTGRES_FLOOR = new URL('./floorProcess.ts', import.meta.url);

interface Servers {
  readonly urls: readonly string[];
  end(): Promise<void>;
}

function place(name: Place['name'], floor: Servers, dagloupe: Servers): Place {
  return {
    name,
    floor: floor.urls,
    dagloupe: dagloupe.urls,
    async close() {
      await Promise.all([floor.end(), dagloupe.end()]);
    },
  };
}

function programs(store: string, count: number): Promise<Servers> {
  return servers(count, () => serveProgram(store));
}

function sqliteWriters(path: string, count: number): Promise<Servers> {
  return servers(count, async () => {
    const child = new Child<FloorHandlers>(SQLITE_FLOOR);
    return { url: await child.ask('serveWrites', path), end: () => child.end() };
  });
}

function postgresFloors(database: string, count: number): Promise<Servers> {
  return servers(count, async () => {
    const child = new Child<PostgresFloorHandlers>(POSTGRES_FLOOR);
    return { url: await child.ask('serve', database), end: () => child.end() };
  });
}

interface Server {
  readonly url: string;
  end(): Promise<void>;
}

/** One after the other: the first makes what all of them need. */
async function servers(count: number, start: () => Promise<Server>): Promise<Servers> {
  const started: Server[] = [];
  while (started.length < count) started.push(await start());
  return {
    urls: started.map(({ url }) => url),
    async end() {
      await Promise.all(started.map((server) => server.end()));
    },
  };
}
