import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config.ts';

export type { Logger } from 'pino';

/** A logger to standard error: lines to read when a person watches it, JSON otherwise. */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null };
  // Both write at once: what was logged before a crash is what helps to understand it.
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }))
    : pino(options, pino.destination({ dest: 2, sync: true }));
}
