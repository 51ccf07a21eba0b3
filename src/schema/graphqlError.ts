import { GraphQLError } from 'graphql';
import { Fault, type FaultCode } from '../errors.ts';

/**
 * An error as clients may see it, with its code in `extensions.code`: that of the fault behind it, or BAD_REQUEST where the
 * request itself is wrong (its syntax, its fields, its variables). Undefined if the error is not meant for clients.
 */
export function toGraphQLError(error: unknown): GraphQLError | undefined {
  if (error instanceof Fault)
    return new GraphQLError(error.message, { originalError: error, extensions: { code: error.code } });
  if (!(error instanceof GraphQLError)) return undefined;
  const fault = faultBehind(error);
  if (fault) return withCode(error, fault.code);
  // A path is where in the answer execution failed: without one the request never got there.
  return error.path === undefined ? withCode(error, 'BAD_REQUEST') : undefined;
}

function faultBehind(error: GraphQLError): Fault | undefined {
  let behind: unknown = error;
  while (behind instanceof GraphQLError) behind = behind.originalError;
  return behind instanceof Fault ? behind : undefined;
}

function withCode(error: GraphQLError, code: FaultCode): GraphQLError {
  const { nodes, source, positions, path, originalError } = error;
  return new GraphQLError(error.message, {
    nodes,
    source,
    positions,
    path,
    originalError,
    extensions: { ...error.extensions, code },
  });
}
