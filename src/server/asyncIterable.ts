/** Whether a result is many, which come one after the other. */
export function isAsyncIterable<Item>(result: unknown): result is AsyncIterable<Item> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

/**
 * Each item as `show` makes it, and a failure as an item, too, if `failed` says how. Unlike a generator, it can be ended while the
 * next one is awaited.
 */
export function mapped<Item, Shown>(
  items: AsyncIterable<Item>,
  show: (item: Item) => Shown,
  failed?: (error: unknown) => Shown,
): AsyncIterableIterator<Shown, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const shown = ({ done, value }: IteratorResult<Item>): IteratorResult<Shown, undefined> =>
    done ? END : { done: false, value: show(value) };
  const told = failed && ((error: unknown) => ({ done: false as const, value: failed(error) }));
  return {
    next: () => iterator.next().then(shown, told),
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
