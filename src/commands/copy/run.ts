import { statSync } from 'node:fs';
import { type CopyOptions, copyTrees } from '../../store/copy/copy.ts';
import { countTrees } from '../../store/copy/trees.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../failure.ts';
import { openQuietly } from '../openQuietly.ts';
import { stopSignal } from '../stopSignal.ts';
import { ProgressView } from './view.ts';
import { summary } from './words.ts';

export interface CopyFlags {
  readonly runs?: readonly string[];
  /** Seconds since the epoch. */
  readonly since?: number;
  readonly verify?: true;
}

/** What shells know as the end by Ctrl-C. */
const STOPPED = 130;

/** Copies, and gives the exit code. */
export async function copy(source: string, target: string, { runs, since, verify }: CopyFlags): Promise<number> {
  // A URL may hold a password: they are not repeated.
  if (isSamePlace(source, target)) throw new UsageError('SOURCE and TARGET are the same; give another target');
  const from = await openQuietly(source, { mustExist: true });
  try {
    // Before a store is made where none was.
    if (runs) await countTrees(from.store, { runIds: runs });
    const to = await openQuietly(target);
    try {
      return await show(from.store, to.store, { runIds: runs, since, thorough: verify });
    } finally {
      await to.store.close();
    }
  } finally {
    await from.store.close();
  }
}

async function show(source: Store, target: Store, options: CopyOptions): Promise<number> {
  const view = new ProgressView(process);
  const startedAt = performance.now();
  try {
    const tally = await copyTrees(source, target, {
      ...options,
      signal: stopSignal(),
      onProgress: (progress) => view.progress(progress),
      onProblem: (problem) => view.problem(problem),
    });
    view.close();
    process.stdout.write(summary(tally, performance.now() - startedAt));
    if (tally.isStopped) return STOPPED;
    return tally.problems > 0 ? 1 : 0;
  } finally {
    view.close();
  }
}

function isSamePlace(source: string, target: string): boolean {
  const [one, other] = [source, target].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return source === target || (one !== undefined && one.ino === other?.ino && one.dev === other.dev);
}
