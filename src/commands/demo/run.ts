import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { Fault } from '../../errors.ts';
import { createLogger } from '../../server/log.ts';
import { openStore } from '../../store/open.ts';
import { serveStore } from '../serving.ts';
import { stopSignal } from '../stopSignal.ts';
import { keepRunning, recordPast } from './schedule.ts';

/** Serves a pipeline that runs until the process is told to stop. Without a file, what it recorded goes when the process does. */
export async function runDemo(config: Config, file: string = temporaryFile()): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([stopSignal(), ended.signal]);
  const logger = createLogger(config.logLevel);
  const { store } = await openStore(file, { limits: { maxPayloadBytes: config.maxPayloadBytes } });
  try {
    if (!store.capabilities.writable) {
      throw new Fault('READ_ONLY_STORE', `${file} is only read, never altered; give the demo a file of its own`);
    }
    logger.info({ file }, 'the demo records a pipeline here');
    await recordPast(store, stop);
    // Where one of them ends, by a fault too, so does the other.
    const parts = [keepRunning(store, stop), serveStore(store, { config, logger, stop })];
    const ends = await Promise.allSettled(parts.map((part) => part.finally(() => ended.abort())));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await store.close();
  }
}

/** In a folder that is removed when the process ends, however often it was told to. */
function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dagloupe-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'dagloupe.db');
}
