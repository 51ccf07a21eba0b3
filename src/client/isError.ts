import { types } from 'node:util';

/** Whether a value is an error, of this realm or another. Throws for a revoked proxy. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}
