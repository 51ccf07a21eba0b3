/** Results that are not plain data: Yoga knows what errors mean for the status and the headers, and which media types answer what. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { createYoga, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { isAsyncIterable } from './asyncIterable.ts';
import { useClientErrors } from './clientErrors.ts';
import { COMMON_HEADERS } from './commonHeaders.ts';
import { asGraphQLError } from './errors.ts';
import { type EventStreams, useEventStreams } from './eventStreams.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import type { Params } from './params.ts';
import { GRAPHQL_PATH } from './paths.ts';
import type { Trace } from './requestLog.ts';

export interface SendResultOptions {
  readonly streams: EventStreams;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

/** Sends what has come of an operation. */
export type SendResult = (req: IncomingMessage, res: ServerResponse, outcome: Outcome) => Promise<void>;

export interface Outcome {
  readonly params: Params;
  readonly trace: Trace;
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;
}

export function createSendResult({ streams, limits, logger }: SendResultOptions): SendResult {
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
  return async (req, res, outcome) => {
    res.setHeaders(new Map(Object.entries(COMMON_HEADERS)));
    await yoga(req, res, { ...outcome, res });
  };
}

interface ServerContext extends Outcome, Record<string, unknown> {
  readonly res: ServerResponse;
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
