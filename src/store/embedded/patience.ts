import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { MaybePromise } from '../store.ts';

/** How long a read or a write waits for the locks of other processes before it gives up, in milliseconds. */
export const PATIENCE = 5_000;

/** How long it waits at most until it tries again, in milliseconds: between commits on end, a file is free for a moment only. */
const MAX_PAUSE = 4;

/** Does the work at once if no other process holds the file, else tries again, without blocking, until `PATIENCE` is over. */
export function patiently<T>(work: () => T): MaybePromise<T> {
  try {
    return work();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return retry(work);
  }
}

async function retry<T>(work: () => T): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
    await wait(pause);
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Fault && error.code === 'STORE_BUSY';
}
