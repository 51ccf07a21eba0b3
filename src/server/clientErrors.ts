import { mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { isAsyncIterable } from './asyncIterable.ts';
import { httpOf, shownErrors } from './errors.ts';
import type { Logger } from './log.ts';
import type { Trace } from './requestLog.ts';

/** Makes the errors that Yoga answers with fit to be seen, and says which HTTP status they mean. */
export function useClientErrors(log: Logger): Plugin<object, { trace: Trace }> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      // Batches are refused before, so there is one result, or one after the other.
      if (Array.isArray(result)) throw new TypeError('expected one result, but got a batch');
      const showAll = <R extends Result>(one: R): R => {
        if (!one.errors) return one;
        const errors = shownErrors(one.errors, log, serverContext.trace);
        // A subscription that was refused has a path, and yet nothing to answer.
        if (!('data' in one)) for (const error of errors) error.extensions.http ??= httpOf(error);
        return { ...one, errors };
      };
      if (isAsyncIterable<Result>(result)) setResult(mapAsyncIterator(result, showAll));
      else setResult(showAll(result));
    },
  };
}

/** What comes of an operation, or one event of it. */
interface Result {
  readonly errors?: readonly unknown[] | undefined;
}
