import { CommanderError } from 'commander';
import { Fault } from '../errors.ts';

/** The command line asks for something that cannot be meant. Its message names what, and the remedy. */
export class UsageError extends Error {}

/**
 * Says on standard error why a command failed, in one line; with `verbose` also where that came from.
 * @returns The exit code: 0 if nothing failed, 1 for a fault (a file, a port), 2 for wrong usage.
 */
export function reportFailure(error: unknown, verbose: boolean): number {
  // The parser has said it already. It also throws after it printed a help text.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`dagloupe: ${describe(error)}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function describe(error: unknown): string {
  if (error instanceof UsageError || error instanceof Fault) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `an error that should not happen: ${message}; --verbose tells where`;
}
