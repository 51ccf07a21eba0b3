import { Fault } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from './log.ts';

/** How a server is: it tells nothing that is worth a secret. */
export type Health = { readonly status: 'ok' } | { readonly status: 'unavailable'; readonly code: string };

/** Asks the store whether it can answer. What is wrong goes to the log. */
export async function checkHealth(store: Store, log: Logger): Promise<Health> {
  try {
    await store.check();
    return { status: 'ok' };
  } catch (error) {
    log.error({ err: error }, 'the store cannot answer');
    return { status: 'unavailable', code: error instanceof Fault ? error.code : 'INTERNAL' };
  }
}
