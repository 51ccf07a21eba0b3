import type { Recorded } from '../model.ts';
import { Feed } from '../store/feed.ts';
import type { MaybePromise, Store } from '../store/store.ts';
import { Budget, type Signal } from './budget.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { Turns } from './turns.ts';

/** What every resolver is given. One for each request. */
export interface Context {
  store: Store;
  /** Live changes of the store. */
  readonly feed: Feed;
  readonly limits: Limits;
  readonly budget: Budget;
  readonly turns: Turns;
  /** Version of the program that answers. */
  readonly version: string;
  /** What loaders keep of what they have read, for themselves. */
  loaded: Map<object, unknown>;
  /** What came of the batch that was recorded last. */
  recorded?: Promise<Recorded>;
  /** Whether its answer is made once more: what was recorded stays so. */
  readonly isAnew?: boolean;
}

export interface ContextOptions {
  readonly store: Store;
  readonly version: string;
  /** What all contexts of a store share, so that they share its reads. */
  readonly feed?: Feed | undefined;
  readonly limits?: Limits | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: Signal | undefined;
}

/** The context of one request, whose time starts now. */
export function createContext({
  store,
  version,
  feed = new Feed(store),
  limits = DEFAULT_LIMITS,
  signal,
}: ContextOptions): Context {
  const budget = new Budget(limits, signal);
  return { store, feed, limits, budget, turns: new Turns(), version, loaded: new Map() };
}

/** Has what is read from now on be read where all that was written is to be seen. */
export function readUpToDate(context: Context): void {
  context.store = context.store.upToDate ?? context.store;
}

/** As the context was before anything was read in it. Its time goes on, and what it has recorded is not recorded again. */
export function afresh(context: Context): Context {
  return { ...context, budget: context.budget.unspent(), loaded: new Map(), isAnew: true };
}

/**
 * Rows from the store, paid for from the request's budget. The query is given how many rows it may take at most.
 * What takes long gives way first, and what it reads from then on may be of a newer state.
 * Throws LIMIT_EXCEEDED when the budget is used up.
 */
export async function read<Row>(
  context: Context,
  query: (store: Store, rowsLeft: number) => MaybePromise<Row[]>,
): Promise<Row[]> {
  const { budget, turns } = context;
  const others = turns.giveWay();
  if (others) await others;
  budget.checkTime();
  const rows = await query(context.store, budget.rowsLeft);
  budget.spendRows(rows.length);
  return rows;
}

/** So many keys are read at once while it is not known how many rows they have. */
const FIRST_KEYS = 128;
/** As many rows as are read in some 5 ms. */
const SLICE_ROWS = 5_000;

/** As `read`, where each key may have many rows: some keys at a time, and others have their turn in between. */
export async function readInSlices<Row>(
  context: Context,
  keys: readonly string[],
  query: (store: Store, keys: readonly string[], rowsLeft: number) => MaybePromise<Row[]>,
): Promise<Row[]> {
  const slices: Row[][] = [];
  let start = 0;
  for (let most = FIRST_KEYS; start < keys.length; ) {
    const slice = keys.slice(start, start + most);
    const rows = await read(context, (store, rowsLeft) => query(store, slice, rowsLeft));
    slices.push(rows);
    start += slice.length;
    most = Math.ceil((SLICE_ROWS * slice.length) / Math.max(1, rows.length));
  }
  return slices.flat();
}
