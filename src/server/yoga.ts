import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';
import { DocumentCache, useDocumentLimits } from './documents.ts';
import { useClientErrors } from './errors.ts';
import { EventStreams, useEventStreams } from './eventStreams.ts';
import { createJsonAnswers } from './jsonAnswers.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { useEndAtLostEvent } from './lostEvents.ts';
import { createOperations, type Operations } from './operations.ts';
import type { Params } from './params.ts';
import { GRAPHQL_PATH } from './paths.ts';
import type { Trace } from './requestLog.ts';
import { useRequestTime } from './requestTime.ts';

/** What has to be known to answer GraphQL over HTTP. */
export interface GraphQLOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  /** Runs queries and mutations, if not as Yoga does. */
  readonly execute?: Execute | undefined;
  /** Runs subscriptions, if not as Yoga does. */
  readonly subscribe?: Subscribe | undefined;
  /** Makes the context of one operation; the signal is aborted when the client goes away. */
  readonly createContext: (signal: AbortSignal) => Context;
  readonly config: Config;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

type Execute = (args: ExecutionArgs) => Promise<ExecutionResult>;
type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

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
  const { schema, execute, subscribe, createContext, config, limits, logger } = options;
  const streams = new EventStreams(config.keepAliveMs);
  const yoga = createYoga<ServerContext, Context>({
    schema,
    context: ({ request, signal }) => createContext(signal ?? request.signal),
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      useReadParams(),
      useKnownResult(),
      useOperationName(),
      useDocumentLimits(config.maxTokens),
      ...(execute ? [useExecute(execute)] : []),
      useRequestTime(config.requestTimeoutMs),
      ...(subscribe ? [useSubscribe(subscribe)] : []),
      useEndAtLostEvent(),
      useEventStreams(streams, limits),
      useClientErrors(logger),
    ],
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: new DocumentCache() },
    // These are done before Yoga, or not at all.
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
  });
  const operations = createOperations(yoga);
  const answerJson = createJsonAnswers(operations, config, logger);
  const answer: AnswerGraphQL = async (req, res, operation) => {
    const left = await answerJson(req, res, operation);
    if (left) await yoga(req, res, { ...operation, ...left, res });
  };
  return { answer, streams, operations };
}

interface ServerContext extends Record<string, unknown> {
  readonly params: Params;
  readonly trace: Trace;
  readonly res: ServerResponse;
  /** Of an operation that has run. */
  readonly result?: ExecutionResult | undefined;
  /** Of operations that come by no request. */
  readonly signal?: AbortSignal;
}

function useReadParams(): Plugin<object, ServerContext> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => serverContext.params);
    },
  };
}

function useKnownResult(): Plugin<object, ServerContext> {
  return {
    onParams({ context, setResult }) {
      if (context.result) setResult(context.result);
    },
  };
}

function useExecute(execute: Execute): Plugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(execute);
    },
  };
}

function useSubscribe(subscribe: Subscribe): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(subscribe);
    },
  };
}

/** Tells the log which operation it was. */
function useOperationName(): Plugin<ServerContext> {
  return {
    onParse:
      () =>
      ({ context, result }) => {
        const document: unknown = result;
        const operation = isDocument(document) ? getOperationAST(document, context.params.operationName) : undefined;
        context.trace.operation = operation?.name?.value ?? context.params.operationName;
      },
  };
}

function isDocument(result: unknown): result is DocumentNode {
  return typeof result === 'object' && result !== null && 'definitions' in result;
}
