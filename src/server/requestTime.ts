import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Fault } from '../errors.ts';

/**
 * Answers LIMIT_EXCEEDED once an operation has taken too long. What is running is not interrupted here: its context stops
 * it at the next read. Subscriptions may last.
 */
export function useRequestTime(timeoutMs: number): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => {
        const result: unknown = executeFn(args);
        return result instanceof Promise ? firstOf(result, timeoutMs) : result;
      });
    },
  };
}

async function firstOf(result: Promise<unknown>, timeoutMs: number): Promise<unknown> {
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
