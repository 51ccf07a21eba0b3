/**
 * Copies trees from any store into one of dagloupe's own, as they are. Both sides are compared tree by tree, and only what differs is
 * written: so a copy can be stopped at any time and goes on where it was, and a tree that is still running is brought up to date.
 *
 * - The runs of a tree are written last. Until then nothing of a new tree is to be seen, however many transactions it takes.
 * - What was written is read back and compared, before the next batch.
 * - Nothing is ever deleted, and no tree is altered in which events were recorded in the target: that is a conflict, and is told.
 */
import { Fault } from '../../errors.ts';
import type { Store } from '../store.ts';
import { Batch } from './batch.ts';
import type { Job } from './job.ts';
import { emptyTally, type Problem, type Tally } from './tally.ts';
import { countTrees, type Selection, treesOf } from './trees.ts';

export interface CopyOptions extends Selection {
  /** Compare also the texts of payloads that are there, not only rows and sizes. */
  readonly thorough?: boolean | undefined;
  /** Stops the copy at the next good place; what was written stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told often. */
  readonly onProgress?: ((tally: Readonly<Tally>) => void) | undefined;
  /** Told of each tree that was not copied, and of what was left out of one. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

/**
 * Gives what came of it: all is well if it was not stopped and there were no problems.
 * @throws Fault of either store; BAD_REQUEST for a run that is not there, READ_ONLY_STORE for a target that takes no trees.
 */
export async function copyTrees(source: Store, target: Store, options: CopyOptions = {}): Promise<Readonly<Tally>> {
  const { transfer } = target;
  if (!transfer) {
    throw new Fault(
      'READ_ONLY_STORE',
      `${target.location} takes no copies; give the path of a file of dagloupe's own, or one where nothing is`,
    );
  }
  if (source === target) {
    throw new Fault('BAD_REQUEST', `${source.location} cannot be copied into itself; give another target`);
  }
  const { thorough = false, signal, onProgress = () => {}, onProblem = () => {} } = options;
  const tally = emptyTally(await countTrees(source, options));
  const job: Job = {
    source,
    target,
    transfer,
    tally,
    thorough,
    signal,
    onProgress: () => onProgress(tally),
    onProblem,
  };
  for await (const trees of treesOf(source, options)) {
    if (signal?.aborted) break;
    await source.check();
    await new Batch(job, trees).copy();
  }
  tally.isStopped = signal?.aborted ?? false;
  if (!tally.isStopped && !options.runIds && options.since === undefined) await tellLeftOut(job);
  return tally;
}

async function tellLeftOut({ source, tally, onProblem }: Job): Promise<void> {
  for (const { rows, what } of (await source.leftOut?.()) ?? []) {
    tally.problems += 1;
    onProblem({ code: 'LEFT_OUT', rootRunId: null, message: `${rows} ${what}` });
  }
}
