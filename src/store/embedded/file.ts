import { statSync } from 'node:fs';
import { Fault } from '../../errors.ts';

/**
 * Whether a path still leads to the file that was opened: one that was moved away or deleted can be read and written on
 * unseen, and what is written is lost. Asks for the file's number only; opening it would drop SQLite's locks.
 */
export class FilePlace {
  readonly #path: string;
  readonly #identity: string;

  /** To be made right after the file was opened. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identity(path) ?? '';
  }

  /** @throws Fault STORE_UNAVAILABLE */
  assertSame(): void {
    const found = identity(this.#path);
    if (found === this.#identity) return;
    const what = found === null ? 'is no longer there' : 'was replaced by another file';
    throw new Fault('STORE_UNAVAILABLE', `${this.#path} ${what}; put it back or restart dagloupe`);
  }
}

function identity(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : null;
}
