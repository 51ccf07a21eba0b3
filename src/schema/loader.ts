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

/** What is known of one key. */
interface Slot<Key, Value> {
  readonly key: Key;
  value: Value | undefined;
  /** While it is read. */
  reading: Promise<void> | undefined;
}

/** Exported since the declarations that are published name it. */
export class Loader<Key, Value> {
  readonly #batch: Batch<Key, Value>;
  readonly #identify: Identify<Key>;
  readonly #gatherer: DataLoader<Key, Value>;
  readonly #slots = new Map<unknown, Slot<Key, Value>>();
  #primed: { readonly keys: readonly Key[]; readonly values: readonly Value[] }[] = [];

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
    this.#takeInPrimed();
    const missing: Slot<Key, Value>[] = [];
    const reads = new Set<Promise<void>>();
    const slots = keys.map((key) => {
      const id = this.#identify(key);
      let slot = this.#slots.get(id);
      if (!slot) {
        slot = { key, value: undefined, reading: undefined };
        this.#slots.set(id, slot);
        missing.push(slot);
      } else if (slot.reading) {
        reads.add(slot.reading);
      }
      return slot;
    });
    if (missing.length > 0) {
      const read = this.#read(missing);
      for (const slot of missing) slot.reading = read;
      reads.add(read);
    }
    await Promise.all(reads);
    return slots.map((slot) => slot.value as Value);
  }

  /** As `loadMany`; null for every key that is null. */
  async loadGiven(keys: readonly (Key | null)[]): Promise<readonly (Value | null)[]> {
    const values = (await this.loadMany(keys.filter((key) => key !== null))).values();
    return keys.map((key) => (key === null ? null : (values.next().value as Value)));
  }

  /** Makes known what was read some other way: a value for each key. That costs nothing before anything is asked for. */
  prime(keys: readonly Key[], values: readonly Value[]): void {
    this.#primed.push({ keys, values });
  }

  #takeInPrimed(): void {
    for (const { keys, values } of this.#primed) {
      for (const [index, key] of keys.entries()) {
        const id = this.#identify(key);
        if (!this.#slots.has(id)) this.#slots.set(id, { key, value: values[index], reading: undefined });
      }
    }
    this.#primed = [];
  }

  async #read(missing: readonly Slot<Key, Value>[]): Promise<void> {
    for (let start = 0; start < missing.length; start += MAX_KEYS) {
      const slice = missing.slice(start, start + MAX_KEYS);
      const values = await this.#batch(slice.map(({ key }) => key));
      for (const [index, slot] of slice.entries()) {
        slot.value = values[index];
        slot.reading = undefined;
      }
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

/** For each key the rows that have it, in the order they came in. No key comes twice. */
export function rowsOfEach<Row>(keys: readonly string[], rows: Iterable<Row>, keyOf: (row: Row) => string): Row[][] {
  const byKey = new Map(keys.map((key): [string, Row[]] => [key, []]));
  for (const row of rows) byKey.get(keyOf(row))?.push(row);
  return [...byKey.values()];
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
