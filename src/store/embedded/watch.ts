import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** How often the file is looked at without a hint, in milliseconds: hints can get lost. */
const SWEEP = 500;
/** After a hint: it often comes before the writer has let go of its lock, or before the last of several writes. In milliseconds. */
const LOOKS = [0, 1, 2, 4, 8, 16];

/**
 * Tells when other processes have committed to a SQLite file. Changes in its folder are hints to look; only SQLite's own
 * `data_version` says that something was committed.
 */
export class CommitWatch {
  readonly #path: string;
  readonly #version: () => string;
  readonly #onCommit: () => void;
  #seen: string | null = null;
  #folder: FSWatcher | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #looking: NodeJS.Timeout | null = null;
  #looks = 0;

  /** `version` gives the file's data version, or throws while it cannot be read. */
  constructor(path: string, version: () => string, onCommit: () => void) {
    this.#path = path;
    this.#version = version;
    this.#onCommit = onCommit;
  }

  start(): void {
    if (this.#sweep) return;
    this.#seen = this.#tryVersion();
    this.#sweep = setInterval(() => this.#look(), SWEEP);
    this.#sweep.unref();
    const name = basename(this.#path);
    try {
      // The journal and the write-ahead log begin with the file's name.
      this.#folder = watch(dirname(this.#path), { persistent: false }, (_, changed) => {
        if (changed === null || changed.startsWith(name)) this.#hint();
      });
      this.#folder.on('error', () => this.#folder?.close());
    } catch {
      // Where folders cannot be watched, the sweep is all there is.
    }
  }

  stop(): void {
    if (this.#sweep) clearInterval(this.#sweep);
    if (this.#looking) clearTimeout(this.#looking);
    this.#folder?.close();
    this.#sweep = null;
    this.#looking = null;
    this.#folder = null;
  }

  /** Hints that come while it is already looking make it look again from the beginning of the series, not more often. */
  #hint(): void {
    this.#looks = 0;
    if (!this.#looking) this.#lookLater();
  }

  #lookLater(): void {
    const pause = LOOKS[this.#looks++];
    if (pause === undefined) {
      this.#looking = null;
      return;
    }
    this.#looking = setTimeout(() => {
      this.#look();
      this.#lookLater();
    }, pause);
    this.#looking.unref();
  }

  #look(): void {
    const version = this.#tryVersion();
    if (version === null || version === this.#seen) return;
    this.#seen = version;
    this.#onCommit();
  }

  /** Null if it cannot be read: because of a lock as a rule, and the next look will tell; what else is wrong, a read will say. */
  #tryVersion(): string | null {
    try {
      return this.#version();
    } catch {
      return null;
    }
  }
}
