import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';
import { asGraphQLError, useClientErrors } from './errors.ts';
import { EventStreams, useEventStreams } from './eventStreams.ts';
import { createJsonAnswers } from './jsonAnswers.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { createOperations, type Operations, type OperationsOptions } from './operations.ts';
import type { Params } from './params.ts';
import { GRAPHQL_PATH } from './paths.ts';
import type { Trace } from './requestLog.ts';

/** What has to be known to answer GraphQL over HTTP. */
export interface GraphQLOptions<Context extends object> extends OperationsOptions<Context> {
  readonly config: Config;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

/** One schema, over all that it is asked through. */
export interface GraphQL {
  readonly answer: AnswerGraphQL;
  /** Answers of it that last. */
  readonly streams: EventStreams;
  readonly operations: Operations;
}

/** Answers one operation over HTTP whose parameters were read from the request before. */
export type AnswerGraphQL = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: { readonly params: Params; readonly trace: Trace },
) => Promise<void>;

export function createGraphQL<Context extends object>(options: GraphQLOptions<Context>): GraphQL {
  const { config, limits, logger } = options;
  const streams = new EventStreams(config.keepAliveMs);
  const operations = createOperations(options);
  const answerJson = createJsonAnswers(operations, config, logger);
  const yoga = createYoga<ServerContext>({
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [useKnownResult(), useEventStreams(streams, limits), useClientErrors(logger)],
    // These are done before Yoga, or not at all.
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
  });
  const answer: AnswerGraphQL = async (req, res, operation) => {
    const result = await answerJson(req, res, operation);
    if (result) await yoga(req, res, { ...operation, result, res });
  };
  return { answer, streams, operations };
}

interface ServerContext extends Record<string, unknown> {
  readonly params: Params;
  readonly trace: Trace;
  readonly res: ServerResponse;
  /** What has come of the operation. */
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;
}

/** The request was read, and its operation run, before. */
function useKnownResult(): Plugin<object, ServerContext> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => serverContext.params);
    },
    onParams({ context: { result }, setResult }) {
      setResult(isAsyncIterable(result) ? mapAsyncIterator(result, (event) => event, lastEvent) : result);
    },
  };
}

/** Tells of a failure between two events. */
function lastEvent(error: unknown): ExecutionResult {
  return { errors: [asGraphQLError(error)] };
}
