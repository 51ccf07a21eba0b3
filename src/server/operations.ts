/** GraphQL for transports that Yoga does not know: operations are parsed, limited and run as those of HTTP requests are. */
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Trace } from './requestLog.ts';

export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** What an operation is run with that no client says. */
export interface Surroundings {
  readonly trace: Trace;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Operations {
  /** What is to be run, in a context of its own; or what is wrong with it. */
  prepare(params: OperationParams, surroundings: Surroundings): Promise<ExecutionArgs | readonly GraphQLError[]>;
  /** What comes of it: events of a subscription, else one result. Never rejects. */
  run(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
}

export function createOperations({
  getEnveloped,
}: Pick<YogaServerInstance<object, object>, 'getEnveloped'>): Operations {
  const { execute, subscribe } = getEnveloped();
  return {
    async prepare(params, surroundings) {
      const { schema, parse, validate, contextFactory } = getEnveloped({ params, ...surroundings });
      try {
        const document = parse(params.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        if (!getOperationAST(document, params.operationName)) return [unclear()];
        const { operationName, variables: variableValues } = params;
        return { schema, document, operationName, variableValues, contextValue: await contextFactory() };
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    async run(args) {
      try {
        return await (isSubscription(args) ? subscribe(args) : execute(args));
      } catch (error) {
        return { errors: [asGraphQLError(error)] };
      }
    },
  };
}

/** Wraps what was thrown, for what takes only such errors. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error instanceof Error ? error.message : String(error), { cause: error });
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
