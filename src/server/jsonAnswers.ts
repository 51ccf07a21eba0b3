/** Operations over HTTP. Data is one JSON text, written without Yoga's streams; Yoga answers whatever is not as plain as that. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ExecutionResult } from 'graphql';
import type { Config } from '../config.ts';
import type { Signal } from '../schema/budget.ts';
import { isAsyncIterable } from './asyncIterable.ts';
import { Disconnected } from './body.ts';
import { COMMON_HEADERS } from './commonHeaders.ts';
import { type Encoding, encodingFor, MIN_BYTES } from './compression.ts';
import { formatted, shownErrors } from './errors.ts';
import { isLight, jsonSlices } from './jsonSlices.ts';
import type { Logger } from './log.ts';
import { isMutation, type OperationParams, type Operations } from './operations.ts';
import { GRAPHQL_TYPE, JSON_TYPE, Refusal } from './refusal.ts';
import type { Trace } from './requestLog.ts';

/** Answers an operation. What it gives is for Yoga to answer, which knows what errors mean for the status and the headers. */
export type AnswerJson = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: { readonly params: OperationParams; readonly trace: Trace },
) => Promise<ExecutionResult | AsyncIterable<ExecutionResult> | undefined>;

/** What took less time than this to find out is written in one go, which takes about as long again. In milliseconds. */
const QUICK_MS = 10;

export function createJsonAnswers(operations: Operations, config: Config, logger: Logger): AnswerJson {
  const headersOf = { [JSON_TYPE]: headersFor(JSON_TYPE, config), [GRAPHQL_TYPE]: headersFor(GRAPHQL_TYPE, config) };
  return async (req, res, { params, trace }) => {
    const signal = signalOf(res);
    const args = operations.prepare(params, { trace, signal });
    if (!('document' in args)) return { errors: args };
    if (req.method === 'GET' && isMutation(args)) {
      throw new Refusal(405, 'BAD_REQUEST', 'Send mutations by POST.', { allow: 'POST' });
    }
    const start = performance.now();
    const result = await operations.run(args);
    const type = jsonTypeFor(req.headers.accept);
    if (type === undefined || isAsyncIterable(result) || result.data == null) return result;
    const { errors, data } = result;
    const shown = errors ? formatted({ errors: shownErrors(errors, logger, trace), data }) : { data };
    const isQuick = performance.now() - start < QUICK_MS || isLight(shown);
    const encoding = encodingFor(req, config);
    await (isQuick ? sendWhole : sendSlices)(res, shown, headersOf[type], encoding);
    return undefined;
  };
}

/** Looked at instead of told: a client may be gone already, as to parse a large body takes many turns. */
function signalOf(res: ServerResponse): Signal {
  return {
    get aborted() {
      return res.destroyed;
    },
  };
}

function headersFor(type: string, { compress }: Config): OutgoingHttpHeaders {
  const headers = { ...COMMON_HEADERS, 'content-type': `${type}; charset=utf-8` };
  return compress === 'never' ? headers : { ...headers, vary: 'accept-encoding' };
}

async function sendWhole(
  res: ServerResponse,
  value: object,
  headers: OutgoingHttpHeaders,
  encoding: Encoding | undefined,
): Promise<void> {
  const text = JSON.stringify(value);
  const used = text.length < MIN_BYTES ? undefined : encoding;
  const body = used ? await used.whole(text) : text;
  res.writeHead(200, { ...encoded(headers, used), 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

async function sendSlices(
  res: ServerResponse,
  value: object,
  headers: OutgoingHttpHeaders,
  encoding: Encoding | undefined,
): Promise<void> {
  res.writeHead(200, encoded(headers, encoding));
  try {
    await (encoding ? pipeline(jsonSlices(value), encoding.stream(), res) : pipeline(jsonSlices(value), res));
  } catch (error) {
    throw isDisconnect(error) ? new Disconnected() : error;
  }
}

/** What Node says where the client has gone: while it is answered, or before. */
const DISCONNECTS: readonly unknown[] = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE'];

function isDisconnect(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISCONNECTS.includes(error.code);
}

function encoded(headers: OutgoingHttpHeaders, encoding: Encoding | undefined): OutgoingHttpHeaders {
  return encoding ? { ...headers, 'content-encoding': encoding.name } : headers;
}

/** The media type of JSON that a client likes best, as Yoga chooses it; undefined if it wants something else. */
function jsonTypeFor(accept = '*/*'): typeof JSON_TYPE | typeof GRAPHQL_TYPE | undefined {
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
