import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from './log.ts';

/** How a server is: it tells nothing that is worth a secret. */
export type Health = { readonly status: 'ok' } | { readonly status: 'unavailable'; readonly code: string };

/** Who asks for health has little patience: in milliseconds. */
const TIMEOUT = 5_000;

/** Asks the store whether it can answer. What is wrong goes to the log. */
export async function checkHealth(store: Store, log: Logger): Promise<Health> {
  const answered = new AbortController();
  try {
    await Promise.race([store.check(), silence(store, answered.signal)]);
    return { status: 'ok' };
  } catch (error) {
    log.error({ err: error }, 'the store cannot answer');
    return { status: 'unavailable', code: error instanceof Fault ? error.code : 'INTERNAL' };
  } finally {
    answered.abort();
  }
}

async function silence(store: Store, signal: AbortSignal): Promise<void> {
  await wait(TIMEOUT, undefined, { signal });
  throw new Fault(
    'STORE_UNAVAILABLE',
    `${store.location}: it has not answered for ${TIMEOUT} ms; look at it and the way to it`,
  );
}
