/** Subscriptions over HTTP: server-sent events, in the manner of graphql-sse's distinct connections. */
import type { ServerResponse } from 'node:http';
import { formatted, type Shown } from './errors.ts';
import type { LiveLimits } from './liveLimits.ts';

const HEADERS = {
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
  readonly #limits: LiveLimits;
  readonly #open = new Set<ServerResponse>();

  /** @param keepAliveMs How often a stream without news gets a sign of life. */
  constructor(keepAliveMs: number, limits: LiveLimits) {
    this.#keepAliveMs = keepAliveMs;
    this.#limits = limits;
  }

  /** Takes a place for a subscription, until its answer is over. @throws Refusal where there is none. */
  admit(res: ServerResponse): void {
    const { connections, subscriptions } = this.#limits;
    // A client may be gone by now, and nothing would give these back.
    if (res.destroyed) return;
    res.once('close', connections.take(res.req.socket.remoteAddress));
    res.once('close', subscriptions.take());
  }

  /**
   * Answers with events until they end, which `complete` tells, or the client is gone. The next one is asked for only when the
   * client has taken those before, so nothing piles up for one that does not read.
   */
  async send(res: ServerResponse, events: AsyncIterable<Shown>): Promise<void> {
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

/** Of results that many are sent: their text is long to make. */
const texts = new WeakMap<Shown, Buffer>();

function textOf(result: Shown): Buffer {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = Buffer.from(`event: next\ndata: ${JSON.stringify(formatted(result))}\n\n`);
  texts.set(result, text);
  return text;
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
