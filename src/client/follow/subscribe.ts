import type { TypedDocumentString } from '../gql/graphql.ts';
import { type Answer, ConnectionLost, dataOf, type Endpoint, post, readAnswer, reasonOf } from '../http.ts';
import { readEvents } from './sse.ts';

/**
 * Begins a subscription: resolves when it was accepted, and gives its events until it completes. Both may throw a Fault
 * that the API told, or ConnectionLost. The signal ends it.
 */
export type Subscribe = <Result, Variables extends Record<string, unknown>>(
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal: AbortSignal,
) => Promise<AsyncIterable<Result>>;

export interface ServerOptions extends Endpoint {
  /** After how many milliseconds of silence the connection counts as dead; the server says something every 12 seconds. */
  readonly silenceMs?: number | undefined;
}

/** Subscriptions over server-sent events. */
export function subscribeAt({ silenceMs = 30_000, ...endpoint }: ServerOptions): Subscribe {
  return async (operation, variables, signal) => {
    const silence = new Silence(silenceMs);
    try {
      const response = await post(endpoint, {
        operation,
        variables,
        accept: 'text/event-stream',
        signal: AbortSignal.any([signal, silence.signal]),
      });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      if (isStream && response.body) return resultsOf(response.body, silence, signal);
      dataOf(await readAnswer(response), response.status);
      throw new ConnectionLost(`${endpoint.url} answered with no stream of events`);
    } catch (error) {
      silence.stop();
      throw explained(error, silence, signal);
    }
  };
}

/** Throws ConnectionLost where the stream ends before the server said that it is complete. */
async function* resultsOf<Result>(
  body: ReadableStream<Uint8Array>,
  silence: Silence,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  try {
    for await (const { event, data } of readEvents(chunksOf(body, silence))) {
      if (event === 'complete') return;
      if (event === 'next') yield dataOf<Result>(JSON.parse(data) as Answer);
    }
    throw new ConnectionLost('the connection was closed');
  } catch (error) {
    throw explained(error, silence, signal);
  } finally {
    silence.stop();
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>, silence: Silence): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const read = () =>
    reader.read().catch((error: unknown) => {
      throw new ConnectionLost(`the connection was cut: ${reasonOf(error)}`, { cause: error });
    });
  try {
    for (let part = await read(); !part.done; part = await read()) {
      silence.heard();
      yield part.value;
    }
  } finally {
    // Also where nobody wants to read on: it ends the connection.
    reader.cancel().catch(() => undefined);
  }
}

/** An aborted connection fails in many ways; why it was aborted says it best. */
function explained(error: unknown, silence: Silence, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return silence.signal.aborted ? silence.signal.reason : error;
}

/** Aborts its signal when nothing was heard for so long. */
class Silence {
  readonly #ms: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new ConnectionLost(`nothing was heard for ${this.#ms / 1000} s`));
    }, this.#ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
