import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { Passage } from '../client/follow/passage.ts';
import { memoryLogger, testConfig } from '../server/harness.ts';
import { temporaryFolder } from '../support/folder.ts';
import { readTold, type ToldRun } from './told.ts';

export type JournalMode = 'delete' | 'wal';

/** A lythonic file that dagloupe serves, and the way to the server, whichever it is. */
export class Site implements AsyncDisposable {
  readonly file: string;
  readonly #folder: string;
  readonly #python: string;
  readonly #passage: Passage;
  #serving: Serving;

  private constructor(folder: string, python: string, file: string, serving: Serving, passage: Passage) {
    this.#folder = folder;
    this.#python = python;
    this.file = file;
    this.#serving = serving;
    this.#passage = passage;
  }

  /** Has lythonic make an empty file, and serves it. */
  static async open(python: string, mode: JournalMode): Promise<Site> {
    const folder = await temporaryFolder();
    const file = join(folder, 'dags.db');
    await askLythonic(python, file);
    const db = new Database(file);
    db.pragma(`journal_mode = ${mode}`);
    db.close();
    const serving = await serve(file);
    return new Site(folder, python, file, serving, await Passage.to(serving.server.port));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#passage.port}/graphql`;
  }

  /** Ends the server and its store, and begins anew; what `between` does happens while nobody serves the file. */
  async restart(between: () => Promise<void>): Promise<void> {
    await stop(this.#serving);
    await between();
    this.#serving = await serve(this.file);
    this.#passage.leadTo(this.#serving.server.port);
  }

  /** What lythonic itself tells about all root runs of the file, by their ids. */
  lythonic(): Promise<Record<string, ToldRun>> {
    return askLythonic(this.#python, this.file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#passage.close();
    await stop(this.#serving);
    await rm(this.#folder, { recursive: true });
  }
}

interface Serving {
  readonly store: Store;
  readonly server: RunningServer;
}

async function serve(file: string): Promise<Serving> {
  const { store } = await openStore(file, { mustExist: true });
  const config = testConfig({ stopTimeoutMs: 0 });
  return { store, server: await startServer({ store, config, logger: memoryLogger().logger }) };
}

async function stop({ server, store }: Serving): Promise<void> {
  await server.close();
  await store.close();
}

async function askLythonic(python: string, file: string): Promise<Record<string, ToldRun>> {
  const script = join(import.meta.dirname, 'ask.py');
  const { stdout } = await promisify(execFile)(python, [script, file], { maxBuffer: 2 ** 26, timeout: 30_000 });
  return readTold(stdout);
}
