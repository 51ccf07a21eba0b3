/** Whether a result is many, which come one after the other. */
export function isAsyncIterable<Item>(result: unknown): result is AsyncIterable<Item> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}
