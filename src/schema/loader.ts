/**
 * DataLoaders, one of each for every context. A loader is declared beside the type that it loads and asked through the context:
 * `runById(context).load(runId)`. What many fields ask for in one go becomes one batch, and is read once.
 */
import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/** Gives one value for each key, in their order. Async even over a synchronous store: a DataLoader needs a promise. */
type Batch<Key, Value> = (keys: readonly Key[], context: Context) => Promise<readonly Value[]>;

/** A key as text, where keys are objects: the same for equal keys, another for others. */
type KeyText<Key> = (key: Key) => string;

/** Declares a loader. */
export function loader<Key, Value>(batch: Batch<Key, Value>, keyText?: KeyText<Key>) {
  const family = loaderFamily((keys: readonly Key[], _: null, context) => batch(keys, context), keyText);
  return (context: Context) => family(context, null);
}

/** Declares a loader that reads before all other loaders that are asked for the same level of a query. */
export function firstLoader<Key, Value>(batch: Batch<Key, Value>, keyText: KeyText<Key>) {
  const loaders = new WeakMap<Memory, DataLoader<Key, Value, string>>();
  return (context: Context): DataLoader<Key, Value, string> =>
    getOrMake(loaders, memoryOf(context), () => {
      // The others wait for a later phase of the event loop, to gather what promises still ask for.
      return new DataLoader((keys) => batch(keys, context), { cacheKeyFn: keyText, batchScheduleFn: queueMicrotask });
    });
}

/** Declares a loader with arguments: keys that come with equal ones share a batch. Arguments are plain data. */
export function loaderFamily<Key, Args, Value>(
  batch: (keys: readonly Key[], args: Args, context: Context) => Promise<readonly Value[]>,
  keyText: KeyText<Key> = String,
) {
  const families = new WeakMap<Memory, Map<string, DataLoader<Key, Value, string>>>();
  return (context: Context, args: Args): DataLoader<Key, Value, string> => {
    const family = getOrMake(families, memoryOf(context), () => new Map());
    return getOrMake(family, JSON.stringify(args), () => {
      return new DataLoader((keys) => batch(keys, args, context), { cacheKeyFn: keyText });
    });
  };
}

/** Makes this context read again whatever its loaders have read: to be called after every write. */
export function forgetLoaded(context: Context): void {
  memories.delete(context);
}

/** For each key the row that has it, or null. */
export function rowOfEach<Row>(
  keys: readonly string[],
  rows: Iterable<Row>,
  keyOf: (row: Row) => string,
): (Row | null)[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) byKey.set(keyOf(row), row);
  return keys.map((key) => byKey.get(key) ?? null);
}

/** For each key the rows that have it, in the order they came in. */
export function rowsOfEach<Row>(keys: readonly string[], rows: Iterable<Row>, keyOf: (row: Row) => string): Row[][] {
  const byKey = Map.groupBy(rows, keyOf);
  return keys.map((key) => byKey.get(key) ?? []);
}

/** Stands for what a context has loaded up to now. Whatever hangs on it is forgotten with it. */
type Memory = object;

const memories = new WeakMap<Context, Memory>();

function memoryOf(context: Context): Memory {
  return getOrMake(memories, context, () => ({}));
}

function getOrMake<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
