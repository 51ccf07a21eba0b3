/** Runs operations, whatever they come through: they are parsed, limited and run alike. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeAsStandard,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  subscribe as subscribeAsStandard,
} from 'graphql';
import type { Config } from '../config.ts';
import type { Signal } from '../schema/budget.ts';
import { isAsyncIterable } from './asyncIterable.ts';
import { Documents } from './documents.ts';
import { asGraphQLError } from './errors.ts';
import { endAtLostEvent } from './lostEvents.ts';
import type { Trace } from './requestLog.ts';
import { RequestTime } from './requestTime.ts';

/** What has to be known to run operations. */
export interface OperationsOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  /** Runs queries and mutations, if not as graphql-js does. */
  readonly execute?: ((args: ExecutionArgs) => Promise<ExecutionResult>) | undefined;
  /** Runs subscriptions, if not as graphql-js does. */
  readonly subscribe?: ((args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>) | undefined;
  /** Makes the context of one operation; the signal is aborted when the client goes away. */
  readonly createContext: (signal: Signal) => Context;
  readonly config: Pick<Config, 'maxTokens' | 'requestTimeoutMs'>;
}

export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** What an operation is run with that no client says. */
export interface Surroundings {
  readonly trace: Trace;
  /** Aborted when the client goes away. */
  readonly signal: Signal;
}

export interface Operations {
  /** What is to be run, in a context of its own; or what is wrong with it. */
  prepare(params: OperationParams, surroundings: Surroundings): ExecutionArgs | readonly GraphQLError[];
  /** What comes of it: events of a subscription, which may last, else one result. Never rejects. */
  run(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
}

export function createOperations<Context extends object>({
  schema,
  execute = async (args) => executeAsStandard(args),
  subscribe = async (args) => subscribeAsStandard(args),
  createContext,
  config: { maxTokens, requestTimeoutMs },
}: OperationsOptions<Context>): Operations {
  const documents = new Documents(schema, maxTokens);
  const time = new RequestTime(requestTimeoutMs);
  return {
    prepare({ query, operationName, variables: variableValues }, { trace, signal }) {
      const { document, errors } = documents.check(query);
      const operation = document && getOperationAST(document, operationName);
      trace.operation = operation?.name?.value ?? operationName ?? undefined;
      if (!document || errors.length > 0) return errors;
      if (!operation) return [unclear()];
      try {
        return { schema, document, operationName, variableValues, contextValue: createContext(signal) };
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    async run(args) {
      try {
        if (!isSubscription(args)) return await time.within(execute(args));
        const events = await subscribe(args);
        return isAsyncIterable(events) ? endAtLostEvent(events) : events;
      } catch (error) {
        return { errors: [asGraphQLError(error)] };
      }
    },
  };
}

export function isSubscription(args: ExecutionArgs): boolean {
  return typeOf(args) === 'subscription';
}

export function isMutation(args: ExecutionArgs): boolean {
  return typeOf(args) === 'mutation';
}

function typeOf({ document, operationName }: ExecutionArgs): string | undefined {
  return getOperationAST(document, operationName)?.operation;
}

function unclear(): GraphQLError {
  const message = 'Could not determine what operation to execute.';
  return new GraphQLError(message, { extensions: { http: { status: 400 } } });
}
