/** Subscriptions. Each of their events is answered like a request of its own: with a full budget, from fresh reads. */
import type { Context } from './context.ts';
import { forgetLoaded } from './loader.ts';

/** An iterator that another one feeds. Made by hand, not as a generator: one that waits could not be ended from outside. */
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
        const event = await toEvent(value);
        if (event !== null) return { done: false, value: event };
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
  type Arrival = { readonly source: AsyncIterableIterator<Event>; readonly result: IteratorResult<Event> };
  const arrivals = new Map<AsyncIterableIterator<Event>, Promise<Arrival>>();
  const ask = (source: AsyncIterableIterator<Event>): void => {
    const arrival = source.next().then((result) => ({ source, result }));
    // A failure is thrown to whoever asks next, even if nobody does any more.
    arrival.catch(() => undefined);
    arrivals.set(source, arrival);
  };
  const end = async (): Promise<IteratorResult<Event>> => {
    arrivals.clear();
    await Promise.all(sources.map((source) => source.return?.()));
    return { done: true, value: undefined };
  };
  let waiting = sources;
  return {
    async next() {
      for (const source of waiting) ask(source);
      waiting = [];
      try {
        while (arrivals.size > 0) {
          const { source, result } = await Promise.race(arrivals.values());
          arrivals.delete(source);
          if (result.done) continue;
          // It is asked again only when this event was taken: a slow reader makes nothing pile up.
          waiting = [source];
          return result;
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
