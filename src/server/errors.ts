import { GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { Fault, type FaultCode } from '../errors.ts';
import { toGraphQLError } from '../schema/graphqlError.ts';
import { logInternalError } from './internalError.ts';
import type { Logger } from './log.ts';
import type { Trace } from './requestLog.ts';

/** The HTTP status where a fault left nothing to answer. */
const STATUS: Partial<Record<FaultCode, number>> = {
  STORE_BUSY: 503,
  STORE_FULL: 503,
  STORE_CORRUPT: 503,
  STORE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/**
 * The one place that errors pass on their way out: each gets a code of FAULT_CODES, and what is not meant for clients is
 * replaced by a number under which the whole of it is logged.
 */
export function useClientErrors(log: Logger): Plugin<object, { trace: Trace }> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      // Batches are refused before, so there is one result, or one after the other.
      if (Array.isArray(result)) throw new TypeError('expected one result, but got a batch');
      const show = errorsForClients(log, serverContext.trace);
      const showAll = <R extends Result>(one: R): R => (one.errors ? { ...one, errors: one.errors.map(show) } : one);
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, showAll));
      else setResult(showAll(result));
    },
  };
}

interface Result {
  readonly errors?: readonly unknown[] | undefined;
}

/** Makes errors fit to be seen. A failure that many fields of a request share is logged once. */
function errorsForClients(log: Logger, trace: Trace): (error: unknown) => GraphQLError {
  const logged = new Map<unknown, string>();

  function mask(error: unknown): GraphQLError {
    const cause = causeOf(error);
    const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
    const where = { operation: trace.operation, path: path?.join('.') };
    const message = logged.get(cause) ?? logInternalError(log, cause, where);
    logged.set(cause, message);
    return new GraphQLError(message, {
      nodes,
      source,
      positions,
      path,
      extensions: { code: 'INTERNAL', unexpected: true },
    });
  }

  return (error) => {
    const shown = (isUnexpected(error) ? undefined : toGraphQLError(error)) ?? mask(error);
    const { code } = shown.extensions as { code: FaultCode };
    trace.codes.add(code);
    if (shown.path === undefined) shown.extensions.http ??= httpOf(code);
    return shown;
  };
}

/** What the request is at fault for is 400, but 200 to clients that know only `application/json`, as the specification has it. */
function httpOf(code: FaultCode): { status: number; spec?: true } {
  const status = STATUS[code];
  return status === undefined ? { status: 400, spec: true } : { status };
}

/** Whether something failed outside of a document, such as in making the context, and Yoga only wrapped it. */
function isUnexpected(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.nodes || error.path) return false;
  const cause = causeOf(error);
  const { unexpected } = error.extensions;
  return Boolean(unexpected) || !(cause instanceof GraphQLError || cause instanceof Fault);
}

function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}
