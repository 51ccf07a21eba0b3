import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';
import { DocumentCache, useDocumentLimits } from './documents.ts';
import { useClientErrors } from './errors.ts';
import type { Logger } from './log.ts';
import { GRAPHQL_PATH } from './paths.ts';
import type { Trace } from './requestLog.ts';
import { useRequestTime } from './requestTime.ts';

/** What has to be known to answer GraphQL over HTTP. */
export interface GraphQLOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  /** Makes the context of one request; the signal is aborted when the client goes away. */
  readonly createContext: (signal: AbortSignal) => Context;
  readonly config: Config;
  readonly logger: Logger;
}

/** Answers one operation whose parameters were read from the request before. */
export type AnswerGraphQL = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: { readonly params: GraphQLParams; readonly trace: Trace },
) => Promise<void>;

export function createGraphQL<Context extends object>(options: GraphQLOptions<Context>): AnswerGraphQL {
  const { schema, createContext, config, logger } = options;
  const yoga = createYoga<ServerContext, Context>({
    schema,
    context: ({ request }) => createContext(request.signal),
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      useReadParams(),
      useOperationName(),
      useDocumentLimits(config.maxTokens),
      useRequestTime(config.requestTimeoutMs),
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
  return async (req, res, operation) => {
    await yoga(req, res, operation);
  };
}

interface ServerContext extends Record<string, unknown> {
  readonly params: GraphQLParams;
  readonly trace: Trace;
}

function useReadParams(): Plugin<object, ServerContext> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => serverContext.params);
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
