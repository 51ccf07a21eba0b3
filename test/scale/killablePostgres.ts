import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished, vi } from 'vitest';
import { folderForPostgres, type OwnPostgres, ownPostgres } from '../support/ownPostgres.ts';

/** A PostgreSQL for one test, which can be killed. */
export class KillablePostgres {
  readonly url: string;
  readonly #server: OwnPostgres['server'];
  readonly #data: string;
  #isRunning = false;

  private constructor(data: string, { server, url }: OwnPostgres) {
    this.url = `${url}/postgres`;
    this.#data = data;
    this.#server = server;
  }

  static async start(): Promise<KillablePostgres> {
    const folder = await folderForPostgres();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const data = join(folder, 'data');
    // A kill loses nothing that was handed to the system.
    const settings = { fsync: 'off', unix_socket_directories: '' };
    const postgres = new KillablePostgres(data, await ownPostgres({ data, settings }));
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
