import { Fault } from '../../errors.ts';
import type { DagRun, Recorded } from '../../model.ts';
import { EmbeddedReads } from '../embedded/reads.ts';
import { runPage } from '../embedded/runPage.ts';
import { Wakes } from '../embedded/wakes.ts';
import { CommitWatch } from '../embedded/watch.ts';
import type { RunChanges, TreeChanges, Wake } from '../feed.ts';
import type { MaybePromise, RunFilter, Slice, Store } from '../store.ts';
import type { LeftOut } from '../transfer.ts';
import { AttachedFile, type AttachedFileOptions } from './attached.ts';
import { leftOut } from './leftOut.ts';
import { runChanges } from './runChanges.ts';
import { scanPage } from './scan.ts';
import { treeChanges, treeCursors } from './treeChanges.ts';

export type LythonicStoreOptions = AttachedFileOptions;

/**
 * Opens a file that lythonic made and may be writing now. It is only read, except that SQLite rolls back the journal of a
 * writer that was killed. It may change as it likes: grow, be altered by a newer lythonic, be replaced by another.
 * @throws Fault
 */
export async function openLythonicStore(path: string, options: LythonicStoreOptions = {}): Promise<Store> {
  const file = new AttachedFile(path, options);
  try {
    await file.look(
      () => undefined,
      async () => undefined,
    );
  } catch (error) {
    await file.close();
    throw error;
  }
  return new LythonicStore(file);
}

class LythonicStore extends EmbeddedReads implements Store {
  readonly kind = 'lythonic';
  readonly location: string;
  readonly capabilities = { writable: false };
  readonly #file: AttachedFile;
  readonly #wakes: Wakes;

  constructor(file: AttachedFile) {
    super((read) => file.look(read));
    this.location = file.path;
    this.#file = file;
    this.#wakes = new Wakes(
      new CommitWatch(
        file.path,
        () => file.version(),
        () => this.#wakes.wake(null),
      ),
    );
  }

  async record(): Promise<Recorded> {
    throw new Fault(
      'READ_ONLY_STORE',
      `${this.location} belongs to lythonic and is only read; to record runs, serve a file of dagloupe's own: give a path where nothing is`,
    );
  }

  override runPage(filter: RunFilter, slice: Slice): MaybePromise<DagRun[]> {
    return this.#file.look(
      (db) => runPage(db, filter, slice),
      () => scanPage(this.#file, filter, slice),
    );
  }

  treeCursors(runs: readonly DagRun[]): MaybePromise<{ runId: string; cursor: string }[]> {
    return this.#file.look((db) => treeCursors(db, runs));
  }

  treeChanges(rootRunId: string, after: string | null, limit: number): MaybePromise<TreeChanges | null> {
    return this.#file.look((db) => treeChanges(db, rootRunId, after, limit));
  }

  runChanges(after: string | null, limit: number): MaybePromise<RunChanges> {
    return this.#file.look((db) => runChanges(db, after, limit));
  }

  onWake(listener: (wake: Wake) => void): () => void {
    return this.#wakes.add(listener);
  }

  leftOut(): Promise<LeftOut[]> {
    return leftOut((read) => this.#file.look(read));
  }

  check(): MaybePromise<void> {
    return this.#file.peek(() => undefined);
  }

  async close(): Promise<void> {
    this.#wakes.close();
    await this.#file.close();
  }
}
