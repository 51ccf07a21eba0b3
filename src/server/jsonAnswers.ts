/** Queries and mutations over HTTP: one JSON text, written at once. Yoga answers whatever is not as plain as that. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { formatted, shownErrors } from './errors.ts';
import type { Logger } from './log.ts';
import { isMutation, isSubscription, type OperationParams, type Operations } from './operations.ts';
import { GRAPHQL_TYPE, JSON_TYPE } from './refusal.ts';
import type { Trace } from './requestLog.ts';

/**
 * Answers an operation if it can.
 *
 * @returns undefined if it has answered; else that Yoga is to do it, with the result of the operation if it has run.
 */
export type AnswerJson = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: { readonly params: OperationParams; readonly trace: Trace },
) => Promise<Left | undefined>;

export interface Left {
  /** It has no data: what its errors mean for the status and the headers is Yoga's to say. */
  readonly result?: ExecutionResult | undefined;
}

/** For Yoga to do all of it. */
const ALL: Left = {};

export function createJsonAnswers(operations: Operations, logger: Logger): AnswerJson {
  return async (req, res, { params, trace }) => {
    const type = jsonTypeFor(req.headers.accept);
    if (type === undefined) return ALL;
    const gone = new AbortController();
    res.once('close', () => res.writableFinished || gone.abort());
    const args = await operations.prepare(params, { trace, signal: gone.signal });
    if (!('document' in args)) return { result: { errors: args } };
    if (isSubscription(args) || (req.method === 'GET' && isMutation(args))) return ALL;
    const result = await operations.run(args);
    if (isAsyncIterable(result)) throw new TypeError('expected one result, but got several');
    if (result.data == null) return { result };
    const { errors, data } = result;
    const text = JSON.stringify(errors ? formatted({ errors: shownErrors(errors, logger, trace), data }) : { data });
    res.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-length': Buffer.byteLength(text) });
    res.end(text);
    return undefined;
  };
}

/** The media type of JSON that a client likes best, as Yoga chooses it; undefined if it wants something else. */
function jsonTypeFor(accept = '*/*'): string | undefined {
  if (accept.includes('charset')) return undefined;
  for (const range of accept.toLowerCase().split(',')) {
    switch (range.split(';', 1)[0]?.trim()) {
      case GRAPHQL_TYPE:
        return GRAPHQL_TYPE;
      case JSON_TYPE:
      case 'application/*':
      case '*/*':
        return JSON_TYPE;
    }
  }
  return undefined;
}
