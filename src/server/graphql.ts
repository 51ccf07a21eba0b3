/** GraphQL over HTTP: an operation is run, and answered as JSON or by an event stream, whichever it is and the client takes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Config } from '../config.ts';
import { isAsyncIterable, mapped } from './asyncIterable.ts';
import { asGraphQLError, type Shown, shownErrors } from './errors.ts';
import { EventStreams } from './eventStreams.ts';
import { sendJsonAnswer } from './jsonAnswers.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { jsonTypeFor, takesEvents } from './mediaTypes.ts';
import { createOperations, isMutation, type Operations, type OperationsOptions } from './operations.ts';
import type { Params } from './params.ts';
import { GRAPHQL_TYPE, JSON_TYPE, Refusal } from './refusal.ts';
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
  const streams = new EventStreams(config.keepAliveMs, limits);
  const operations = createOperations(options);

  const answer: AnswerGraphQL = async (req, res, { params, trace }) => {
    const gone = new AbortController();
    res.once('close', () => res.writableFinished || gone.abort());
    const args = operations.prepare(params, { trace, signal: gone.signal });
    if (!('document' in args)) return send(res, { errors: args }, trace);
    if (req.method === 'GET' && isMutation(args)) {
      throw new Refusal(405, 'BAD_REQUEST', 'Send mutations by POST.', { allow: 'POST' });
    }
    const start = performance.now();
    const result = await operations.run(args);
    if (isAsyncIterable<ExecutionResult>(result)) await sendEvents(res, result, trace);
    else await send(res, result, trace, performance.now() - start);
  };

  async function sendEvents(res: ServerResponse, events: AsyncIterable<ExecutionResult>, trace: Trace): Promise<void> {
    const shown = mapped(
      events,
      (event) => show(event, trace),
      (error) => show({ errors: [asGraphQLError(error)] }, trace),
    );
    try {
      if (!takesEvents(res.req.headers.accept)) throw new Refusal(406, 'BAD_REQUEST', TAKES_NO_EVENTS);
      streams.admit(res);
    } catch (error) {
      shown.return?.();
      return send(res, { errors: [asGraphQLError(error)] }, trace);
    }
    await streams.send(res, shown);
  }

  async function send(res: ServerResponse, result: ExecutionResult, trace: Trace, ms = 0): Promise<void> {
    const { accept } = res.req.headers;
    const shown = show(result, trace);
    const type = jsonTypeFor(accept);
    if (type !== undefined) await sendJsonAnswer(res, { result: shown, type, ms }, config);
    else if (takesEvents(accept)) await streams.send(res, only(shown));
    else throw new Refusal(406, 'BAD_REQUEST', `Answers are ${JSON_TYPE} or ${GRAPHQL_TYPE}: accept one of them.`);
  }

  /** The result itself where there is nothing to hide. */
  function show(result: ExecutionResult, trace: Trace): Shown {
    const { errors } = result;
    return errors ? { ...result, errors: shownErrors(errors, logger, trace) } : result;
  }

  return { answer, streams, operations };
}

const TAKES_NO_EVENTS =
  'A subscription is answered by an event stream: send the header "Accept: text/event-stream", or use a WebSocket.';

async function* only<Item>(one: Item): AsyncGenerator<Item> {
  yield one;
}
