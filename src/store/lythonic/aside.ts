import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { Fault, type FaultCode } from '../../errors.ts';
import type { Made } from './mirror.ts';

/** What the other process is to do: make the mirror of the file at `path` in the new file at `place`. */
export interface Task {
  readonly path: string;
  readonly place: string;
}

/** What became of it. `made` is null if the file's tables were altered meanwhile. */
export type Outcome =
  | { readonly made: Made | null }
  | { readonly fault: { readonly code: FaultCode; readonly message: string } };

/**
 * The mirror of a big file in the making, by a process of its own: to sort an index takes longer than anyone can be kept waiting,
 * and memory that SQLite needs for it is memory that this process would keep.
 */
export class Aside {
  /** Where the mirror is; to be opened before `start`, which takes its name away. */
  readonly place = makeFile();
  #process: ChildProcess | null = null;
  #stopped = false;

  /** Gives null if nothing came of it: the file's tables were altered, or it was stopped. */
  async start(path: string): Promise<Made | null> {
    const script = join(import.meta.dirname, `builder${extname(import.meta.filename)}`);
    const process = fork(script, { execArgv: [] });
    this.#process = process;
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      process.once('message', resolve);
      // Not once: where it cannot be started, what is sent to it fails too.
      process.on('error', reject);
      process.once('exit', (code, signal) => {
        if (this.#stopped) resolve({ made: null });
        else
          reject(
            new Fault(
              'STORE_UNAVAILABLE',
              `${path}: the process that indexes it ended with ${signal ?? code}; try again`,
            ),
          );
      });
      process.send({ path, place: this.place } satisfies Task);
    });
    if ('fault' in outcome) throw new Fault(outcome.fault.code, outcome.fault.message);
    return outcome.made;
  }

  /** Waits until the other process has let go of the file. */
  async stop(): Promise<void> {
    this.#stopped = true;
    rmSync(dirname(this.place), { recursive: true, force: true });
    const process = this.#process;
    if (!process?.pid || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }
}

/** An empty file of our own: SQLite attaches none that is not there to a connection that makes none. */
function makeFile(): string {
  try {
    const path = join(mkdtempSync(join(tmpdir(), 'dagloupe-')), 'mirror.db');
    writeFileSync(path, '');
    return path;
  } catch (error) {
    throw new Fault(
      'STORE_UNAVAILABLE',
      `${tmpdir()}, the folder for temporary files, cannot be written; mend that, or set TMPDIR to another`,
      { cause: error },
    );
  }
}
