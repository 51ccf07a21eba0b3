import type { ExecutionResult } from 'graphql';
import { mapAsyncIterator } from 'graphql-yoga';

/**
 * Ends a subscription with the first event that cannot be told, of which only errors are: what came after would leave a gap that
 * clients cannot see. They may go on from the cursor of the event before.
 */
export function endAtLostEvent(events: AsyncIterable<ExecutionResult>): AsyncIterable<ExecutionResult> {
  const iterator = events[Symbol.asyncIterator]();
  return mapAsyncIterator(iterator, (event) => {
    if (event.data == null) iterator.return?.();
    return event;
  });
}
