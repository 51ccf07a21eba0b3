/** Subscriptions over HTTP: server-sent events, in the manner of graphql-sse's distinct connections. */
import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isAsyncIterable } from './asyncIterable.ts';
import { COMMON_HEADERS } from './commonHeaders.ts';
import { formatted } from './errors.ts';
import type { LiveLimits } from './liveLimits.ts';
import { Refusal } from './refusal.ts';

const HEADERS = {
  ...COMMON_HEADERS,
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies are to pass events on as they come, neither compressed nor gathered.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** A comment: clients skip it. */
const SIGN_OF_LIFE = ':\n\n';

/** The streams that are open. */
export class EventStreams {
  readonly #keepAliveMs: number;
  readonly #open = new Set<ServerResponse>();

  /** @param keepAliveMs How often a stream without news gets a sign of life. */
  constructor(keepAliveMs: number) {
    this.#keepAliveMs = keepAliveMs;
  }

  /**
   * Answers with events until they end, which `complete` tells, or the client is gone. The next one is asked for only when the
   * client has taken those before, so nothing piles up for one that does not read.
   */
  async send(res: ServerResponse, events: AsyncIterable<ExecutionResult>): Promise<void> {
    if (res.destroyed) return end(events);
    this.#open.add(res);
    res.once('close', () => end(events));
    res.writeHead(200, HEADERS);
    // At once, since some browsers show no answer that is still empty.
    res.write(SIGN_OF_LIFE);
    const keepAlive = setInterval(() => res.writableNeedDrain || res.write(SIGN_OF_LIFE), this.#keepAliveMs);
    try {
      for await (const result of events) {
        if (!res.write(textOf(result))) await drained(res);
      }
      res.end('event: complete\ndata:\n\n');
    } catch (error) {
      res.destroy();
      throw error;
    } finally {
      clearInterval(keepAlive);
      this.#open.delete(res);
    }
  }

  /** Cuts all streams off. They lack their `complete` then, so clients know that there is more, and come again for it. */
  cut(): void {
    for (const res of this.#open) res.destroy();
  }
}

/** Has subscriptions answered by event streams, as many as the limits allow; and whatever else clients take in no other way. */
export function useEventStreams(
  streams: EventStreams,
  { connections, subscriptions }: LiveLimits,
): Plugin<object, { readonly res: ServerResponse }> {
  return {
    onResultProcess({ request, result, resultProcessor, setResultProcessor, serverContext: { res } }) {
      if (isAsyncIterable(result)) {
        try {
          if (!resultProcessor) throw new Refusal(406, 'BAD_REQUEST', NOT_ACCEPTED);
          // A client may be gone by now, and nothing would give these back.
          if (!res.destroyed) {
            res.once('close', connections.take(res.req.socket.remoteAddress));
            res.once('close', subscriptions.take());
          }
        } catch (error) {
          end(result);
          throw error;
        }
      } else if (!takesOnlyEvents(request.headers.get('accept') ?? '')) return;
      setResultProcessor(async (shown, { Response }) => {
        if (isAsyncIterable(shown)) await streams.send(res, shown);
        else if (!Array.isArray(shown)) await streams.send(res, only(shown));
        // Yoga sends nothing where everything was said.
        return new Response(null);
      }, 'text/event-stream');
    },
  };
}

/** Of results that many are sent: their text is long to make. */
const texts = new WeakMap<ExecutionResult, Buffer>();

function textOf(result: ExecutionResult): Buffer {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = Buffer.from(`event: next\ndata: ${JSON.stringify(formatted(result))}\n\n`);
  texts.set(result, text);
  return text;
}

const NOT_ACCEPTED =
  'A subscription is answered by an event stream: send the header "Accept: text/event-stream", or use a WebSocket.';

function takesOnlyEvents(accept: string): boolean {
  return accept.includes('text/event-stream') && !/json|\*/.test(accept);
}

async function* only<T>(one: T): AsyncGenerator<T> {
  yield one;
}

function end(events: AsyncIterable<unknown>): void {
  const iterator = events[Symbol.asyncIterator]();
  iterator.return?.();
}

/** Resolves when everything that was written is on its way, or never will be. */
function drained(res: ServerResponse): Promise<void> {
  // It tells only once that it is closed.
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
}
