import { Fault } from '../../errors.ts';
import { ConnectionLost } from '../http.ts';
import { Retry, type RetryOptions } from './retry.ts';

/** An event of a subscription that can be resumed. */
interface Resumable {
  readonly cursor: string;
  /** There is more already, after the cursor. */
  readonly more?: boolean;
}

export interface ResumeOptions<Event> extends RetryOptions {
  /** Begins to listen after a cursor, or anew. */
  readonly open: (after: string | null) => Promise<AsyncIterable<Event>>;
  /** Whether there is an end, by all that was heard. */
  readonly hasEnded: () => boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * The events of a subscription over any number of connections: each goes on from where the last one broke off.
 * Throws a fault that cannot heal.
 *
 * A server that stops completes its subscriptions too. So an end is one only if all that was heard agrees, and if in
 * doubt it is asked for once more: a subscription that has nothing left to say completes at once.
 */
export async function* resume<Event extends Resumable>(options: ResumeOptions<Event>): AsyncGenerator<Event> {
  const { open, hasEnded, signal } = options;
  const retry = new Retry(options, signal);
  let cursor: string | null = null;
  while (!signal.aborted) {
    try {
      const events = await open(cursor);
      retry.connected();
      let isWhole = true;
      for await (const event of events) {
        cursor = event.cursor;
        isWhole = !event.more;
        retry.succeeded();
        yield event;
      }
      if (!hasEnded()) throw new ConnectionLost('the server stopped telling before the end');
      if (isWhole) return;
    } catch (error) {
      if (signal.aborted) return;
      if (cursor !== null && isRefusedCursor(error)) cursor = null;
      else await retry.failed(error);
    }
  }
}

function isRefusedCursor(error: unknown): boolean {
  return error instanceof Fault && error.code === 'INVALID_CURSOR';
}
