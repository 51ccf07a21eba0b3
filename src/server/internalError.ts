import { randomBytes } from 'node:crypto';
import type { Logger } from './log.ts';

/** Logs all of an error that is not meant for clients, and gives the message that they see instead. */
export function logInternalError(log: Logger, error: unknown, where: Readonly<Record<string, unknown>> = {}): string {
  const errorId = randomBytes(6).toString('hex');
  log.error({ errorId, ...where, err: error }, 'internal error');
  return `Internal error ${errorId}. The log of the server says more under this number.`;
}
