import { type ExecutionResult, type GraphQLError, parse, subscribe } from 'graphql';
import type { Subscribe } from '../../client/follow/subscribe.ts';
import { createContext } from '../../schema/context.ts';
import { schema } from '../../schema/index.ts';
import { Feed } from '../../store/feed.ts';
import type { Store } from '../../store/store.ts';
import { version } from '../../version.ts';
import { causeOf, LIMITS } from '../inspect/ask.ts';

/** Subscriptions to a store in this process. */
export function subscribeToStore(store: Store): Subscribe {
  const feed = new Feed(store);
  return async (operation, variables, signal) => {
    const events = await subscribe({
      schema,
      document: parse(operation.toString()),
      variableValues: variables,
      contextValue: createContext({ store, feed, version, limits: LIMITS, signal }),
    });
    if (!(Symbol.asyncIterator in events)) throw failureOf(events.errors);
    return resultsOf(events, signal);
  };
}

async function* resultsOf<Result>(
  events: AsyncGenerator<ExecutionResult>,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const end = () => void events.return(undefined);
  signal.addEventListener('abort', end);
  try {
    for await (const { data, errors } of events) {
      if (errors) throw failureOf(errors);
      yield data as Result;
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function failureOf(errors: readonly GraphQLError[] = []): Error {
  const [error] = errors;
  return error ? causeOf(error) : new TypeError('expected events or errors, but got neither');
}
