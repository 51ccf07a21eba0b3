import { type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Fault, type FaultCode } from '../errors.ts';
import { toGraphQLError } from '../schema/graphqlError.ts';
import { logInternalError } from './internalError.ts';
import type { Logger } from './log.ts';
import { Refusal } from './refusal.ts';
import type { Trace } from './requestLog.ts';

/** The HTTP status where a fault left nothing to answer. */
const STATUS: Partial<Record<FaultCode, number>> = {
  STORE_BUSY: 503,
  STORE_FULL: 503,
  STORE_CORRUPT: 503,
  STORE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** An error that is fit to be seen, as it is sent where Yoga does not send it: what only tells the HTTP status is left out. */
export function formattedError(error: GraphQLError): GraphQLFormattedError {
  return { ...error.toJSON(), extensions: { code: codeOf(error) } };
}

/** Wraps what was thrown, for what takes only such errors. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** A result whose errors are fit to be seen, as it is sent. */
export function formatted({ errors, data }: Shown): FormattedExecutionResult {
  return { ...(errors && { errors: errors.map(formattedError) }), ...(data !== undefined && { data }) };
}

interface Shown {
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly data?: Record<string, unknown> | null | undefined;
}

/**
 * The one place that errors pass on their way out: each gets a code of FAULT_CODES, and what is not meant for clients is
 * replaced by a number under which the whole of it is logged. A failure that many fields of a result share is logged once.
 */
export function shownErrors(errors: readonly unknown[], log: Logger, trace: Trace): GraphQLError[] {
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

  return errors.map((error) => {
    const shown = (isUnexpected(error) ? undefined : toGraphQLError(error)) ?? mask(error);
    trace.codes.add(codeOf(shown));
    if (shown.path === undefined) shown.extensions.http ??= httpOf(shown);
    return shown;
  });
}

/** The status that an error means. What the request is at fault for is 400, but 200 to clients that know only `application/json`, as the specification has it. */
export function httpOf(error: GraphQLError): { status: number; spec?: true } {
  const cause = causeOf(error);
  const status = cause instanceof Refusal ? cause.status : STATUS[codeOf(error)];
  return status === undefined ? { status: 400, spec: true } : { status };
}

function codeOf({ extensions }: GraphQLError): FaultCode {
  const { code } = extensions as { code: FaultCode };
  return code;
}

/** Whether something failed outside of a field, such as in making the context or between two events, and it was only wrapped. */
function isUnexpected(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.path) return false;
  const cause = causeOf(error);
  const { unexpected } = error.extensions;
  return Boolean(unexpected) || !(cause instanceof GraphQLError || cause instanceof Fault);
}

function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}
