import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { type Config, strangeVariables } from '../config.ts';
import { createLogger, type Logger } from '../server/log.ts';
import { checkServable, startServer } from '../server/server.ts';
import { type Opened, openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { stopSignal } from './stopSignal.ts';

/** Serves a file until the process is told to stop. */
export async function serveFile(file: string, config: Config): Promise<void> {
  // Before a store is made where none was.
  await checkServable(config);
  const stop = stopSignal();
  const logger = createLogger(config.logLevel);
  for (const variable of strangeVariables()) {
    logger.warn({ variable }, 'no setting has this name, so it changes nothing; see dagloupe serve --help');
  }
  const { store, found } = await openStore(file, {
    limits: { maxPayloadBytes: config.maxPayloadBytes },
    postgres: config,
  });
  try {
    logger.info({ location: store.location }, store.capabilities.writable ? FOUND[found] : READ_ONLY[found]);
    await serveStore(store, { config, logger, stop });
  } finally {
    await store.close();
  }
}

const FOUND: Record<Opened['found'], string> = {
  new: 'made a new store, as there was none',
  owned: "opened a store of dagloupe's own",
  lythonic: 'opened a file of lythonic',
};

const READ_ONLY: typeof FOUND = {
  ...FOUND,
  owned: "opened a store of dagloupe's own, which this user may only read",
  lythonic: 'opened a file of lythonic, to read it only',
};

export interface Serving {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborted when the server is to stop. */
  readonly stop: AbortSignal;
}

/** Serves a store until it is told to stop and every request that was accepted has its answer. Leaves the store open. */
export async function serveStore(store: Store, { config, logger, stop }: Serving): Promise<void> {
  // By itself V8 lets memory grow to four times what is in use before it goes through all of it. Twice takes no longer.
  setFlagsFromString('--heap-growing-percent=100');
  // What lived through a collection while its request ran would be made, from then on, among what lives long, and be collected late.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const server = await startServer({ store, config, logger });
  process.stdout.write(`listening on ${server.url}\n`);
  if (!stop.aborted) await once(stop, 'abort');
  logger.info('stopping: running requests are finished first');
  await server.close();
}
