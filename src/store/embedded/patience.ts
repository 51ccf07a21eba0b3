import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { MaybePromise } from '../store.ts';

/** How long a read or a write waits for the locks of other processes before it gives up, in milliseconds. */
export const PATIENCE = 5_000;

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
  for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
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
