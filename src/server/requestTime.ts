import { type ExecutionResult, GraphQLError } from 'graphql';
import { Fault } from '../errors.ts';

/**
 * Gives LIMIT_EXCEEDED if a result takes too long. What is running is not interrupted here: its context stops it at the next read.
 */
export async function withinTime(
  result: ExecutionResult | Promise<ExecutionResult>,
  timeoutMs: number,
): Promise<ExecutionResult> {
  const { promise: timedOut, resolve } = Promise.withResolvers<ExecutionResult>();
  const timer = setTimeout(() => resolve(giveUp(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([result, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

function giveUp(timeoutMs: number): ExecutionResult {
  const message =
    `The request took longer than ${timeoutMs} ms and was given up. Ask for less at once. ` +
    'What it was to record may have been recorded: send it again, the same event twice changes nothing.';
  const originalError = new Fault('LIMIT_EXCEEDED', message);
  return { errors: [new GraphQLError(message, { originalError, extensions: { http: { status: 503 } } })] };
}
