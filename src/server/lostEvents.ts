import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';

/**
 * Ends a subscription with the first event that cannot be told, of which only errors are: what came after would leave a gap that
 * clients cannot see. They may go on from the cursor of the event before.
 */
export function useEndAtLostEvent(): Plugin {
  return {
    onSubscribe: () => ({
      onSubscribeResult({ result: events, setResult }) {
        if (!isAsyncIterable(events)) return;
        const iterator = events[Symbol.asyncIterator]();
        setResult(
          mapAsyncIterator(iterator, (event) => {
            if (event.data == null) iterator.return?.();
            return event;
          }),
        );
      },
    }),
  };
}
