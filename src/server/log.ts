import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config.ts';
import { GatheredLines } from './gatheredLines.ts';

export type { Logger } from 'pino';

/** A logger to standard error: lines to read when a person watches it, JSON otherwise. */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null };
  if (process.stderr.isTTY) {
    return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }));
  }
  // Written to the end in one go, at the latest when the process exits: what was logged before a crash is what helps to understand it.
  // A process that is killed loses the lines of its last milliseconds.
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(options, new GatheredLines((text) => destination.write(text)));
}
