import { defaultHarness, type GraphQLError, graphql } from 'graphql';
import type { TypedDocumentString } from '../../client/gql/graphql.ts';
import { Fault } from '../../errors.ts';
import { createContext } from '../../schema/context.ts';
import { execute } from '../../schema/execute.ts';
import { schema } from '../../schema/index.ts';
import type { Limits } from '../../schema/limits.ts';
import type { Store } from '../../store/store.ts';
import { version } from '../../version.ts';

/** Answers one operation: all of its data, or an error. */
export type Ask = <Result, Variables extends Record<string, unknown>>(
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
) => Promise<Result>;

/** Answers operations from a store in this process. */
export function askStore(store: Store): Ask {
  return async <Result, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ) => {
    const { data, errors } = await graphql({
      schema,
      source: operation.toString(),
      variableValues: variables,
      contextValue: createContext({ store, version, limits: LIMITS }),
      harness: { ...defaultHarness, execute },
    });
    const [error] = errors ?? [];
    if (error) throw causeOf(error);
    return data as Result;
  };
}

/** What went wrong, as it was thrown. */
export function causeOf(error: GraphQLError): Error {
  return error.originalError ?? new Fault('INTERNAL', error.message, { cause: error });
}

/** Limits guard a server from its clients. Here nobody else waits, and who does can press Ctrl-C. */
export const LIMITS: Limits = {
  maxDepth: 1_000,
  maxComplexity: 2 ** 31,
  maxRows: 2 ** 31,
  maxReadBytes: 2 ** 31,
  maxPageSize: 2 ** 31 - 1,
  requestTimeoutMs: 24 * 60 * 60 * 1_000,
};
