/**
 * Loaders remember what a context has read, so that no row is read twice. A loader is declared beside the type that it loads and
 * asked through the context: `runById(context).loadMany(runIds)`.
 */
import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/** Reads one value for each key, in their order. No key comes twice. */
type Batch<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;

/** What a key is known by: the same for equal keys, another for others. By default the key itself. */
type Identify<Key> = (key: Key) => unknown;

/** What is asked for at once. Beyond that, others have their turn in between. */
const MAX_KEYS = 1_000;

/** Exported since the declarations that are published name it. */
export class Loader<Key, Value> {
  readonly #batch: Batch<Key, Value>;
  readonly #identify: Identify<Key>;
  readonly #gatherer: DataLoader<Key, Value>;
  readonly #values = new Map<unknown, Value>();
  readonly #reads = new Map<unknown, Promise<void>>();

  constructor(batch: Batch<Key, Value>, identify: Identify<Key>) {
    this.#batch = batch;
    this.#identify = identify;
    this.#gatherer = new DataLoader((keys) => this.loadMany(keys), { cache: false });
  }

  /** The value of one key. What is asked for in one go is read together. */
  load(key: Key): Promise<Value> {
    return this.#gatherer.load(key);
  }

  /** The values of keys, in their order. Those that are not known yet are read now, all together. */
  async loadMany(keys: readonly Key[]): Promise<readonly Value[]> {
    const ids = keys.map(this.#identify);
    const missing = new Map<unknown, Key>();
    const reads = new Set<Promise<void>>();
    for (const [index, key] of keys.entries()) {
      const id = ids[index];
      if (this.#values.has(id)) continue;
      const read = this.#reads.get(id);
      if (read) reads.add(read);
      else missing.set(id, key);
    }
    if (missing.size > 0) {
      const read = this.#read(missing);
      for (const id of missing.keys()) this.#reads.set(id, read);
      reads.add(read);
    }
    await Promise.all(reads);
    return ids.map((id) => this.#values.get(id) as Value);
  }

  /** As `loadMany`; null for every key that is null. */
  async loadGiven(keys: readonly (Key | null)[]): Promise<readonly (Value | null)[]> {
    const values = (await this.loadMany(keys.filter((key) => key !== null))).values();
    return keys.map((key) => (key === null ? null : (values.next().value as Value)));
  }

  /** Makes known what was read some other way. */
  prime(key: Key, value: Value): void {
    const id = this.#identify(key);
    if (!this.#values.has(id)) this.#values.set(id, value);
  }

  async #read(missing: ReadonlyMap<unknown, Key>): Promise<void> {
    const entries = [...missing];
    for (let start = 0; start < entries.length; start += MAX_KEYS) {
      const slice = entries.slice(start, start + MAX_KEYS);
      const values = await this.#batch(slice.map(([, key]) => key));
      for (const [index, [id]] of slice.entries()) this.#values.set(id, values[index] as Value);
    }
  }
}

/** Declares a loader. */
export function loader<Key, Value>(
  batch: (keys: readonly Key[], context: Context) => Promise<readonly Value[]>,
  identify?: Identify<Key>,
): (context: Context) => Loader<Key, Value> {
  const family = loaderFamily((keys: readonly Key[], _: null, context) => batch(keys, context), identify);
  return (context) => family(context, null);
}

/** Declares a loader with arguments: keys that come with equal ones share a batch. Arguments are plain data. */
export function loaderFamily<Key, Args, Value>(
  batch: (keys: readonly Key[], args: Args, context: Context) => Promise<readonly Value[]>,
  identify: Identify<Key> = (key) => key,
): (context: Context, args: Args) => Loader<Key, Value> {
  return remembered((context, args: Args) => new Loader((keys) => batch(keys, args, context), identify));
}

/**
 * What is made once for each context and arguments, until the context is to forget what it has loaded. Only the context holds it:
 * what a WeakMap knows by a context, V8 takes for alive until it goes through all of its memory.
 */
export function remembered<Args, Made>(
  make: (context: Context, args: Args) => Made,
): (context: Context, args: Args) => Made {
  return (context, args) => {
    const family = getOrMake(context.loaded, make, () => new Map()) as Map<string, Made>;
    return getOrMake(family, JSON.stringify(args), () => make(context, args));
  };
}

/** Makes this context read again whatever its loaders have read: to be called after every write. */
export function forgetLoaded(context: Context): void {
  context.loaded = new Map();
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
