/** Subscriptions. Each of their events is answered like a request of its own: with a full budget, from fresh reads. */
import type { Context } from './context.ts';
import { forgetLoaded } from './loader.ts';

/**
 * An iterator that another one feeds, and that ends it where an event cannot be made. Made by hand, not as a generator: one that
 * waits could not be ended from outside.
 */
export function eventsOf<Changes, Event>(
  changes: AsyncIterableIterator<Changes>,
  context: Context,
  toEvent: (changes: Changes) => Promise<Event | null>,
): AsyncIterableIterator<Event> {
  return {
    async next() {
      for (;;) {
        const { done, value } = await changes.next();
        if (done) return { done, value };
        forgetLoaded(context);
        context.budget.renew();
        try {
          const event = await toEvent(value);
          if (event !== null) return { done: false, value: event };
        } catch (error) {
          await changes.return?.();
          throw error;
        }
      }
    },
    async return() {
      await changes.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What comes of several iterators, as it comes. Ends when all have ended; one that throws ends all. */
export function merged<Event>(sources: readonly AsyncIterableIterator<Event>[]): AsyncIterableIterator<Event> {
  type Arrival = { readonly source: AsyncIterableIterator<Event>; readonly result: Promise<IteratorResult<Event>> };
  const arrivals: Arrival[] = [];
  let toAsk = sources;
  let open = sources.length;
  let nudge: (() => void) | null = null;
  // No Promise.race, which would leave something behind on those that are silent each time that another one says something.
  const ask = (source: AsyncIterableIterator<Event>): void => {
    const result = source.next();
    const arrive = (): void => {
      arrivals.push({ source, result });
      nudge?.();
    };
    result.then(arrive, arrive);
  };
  const end = async (): Promise<IteratorResult<Event>> => {
    open = 0;
    nudge?.();
    await Promise.all(sources.map((source) => source.return?.()));
    return { done: true, value: undefined };
  };
  const arrival = async (): Promise<Arrival | undefined> => {
    if (arrivals.length === 0) {
      await new Promise<void>((resolve) => {
        nudge = resolve;
      });
    }
    return arrivals.shift();
  };
  return {
    async next() {
      toAsk.forEach(ask);
      toAsk = [];
      try {
        while (open > 0) {
          const arrived = await arrival();
          if (!arrived) continue;
          const result = await arrived.result;
          if (!result.done) {
            // It is asked again only when this event was taken: a slow reader makes nothing pile up.
            toAsk = [arrived.source];
            return result;
          }
          open -= 1;
        }
        return await end();
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
