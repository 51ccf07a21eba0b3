import type { ExecutionResult } from 'graphql';

/**
 * Ends a subscription with the first event that cannot be told, of which only errors are: what came after would leave a gap that
 * clients cannot see. They may go on from the cursor of the event before.
 */
export function endAtLostEvent(
  events: AsyncIterable<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await iterator.next();
      if (done) return END;
      if (value.data == null) iterator.return?.();
      return { done: false, value };
    },
    async return() {
      await iterator.return?.();
      return END;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
