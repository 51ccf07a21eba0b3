import { Feed } from '../store/feed.ts';
import type { MaybePromise, Store } from '../store/store.ts';
import { Budget } from './budget.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/** What every resolver is given. One for each request; loaders keep what they read beside it, not in it. */
export interface Context {
  store: Store;
  /** Live changes of the store. */
  readonly feed: Feed;
  readonly limits: Limits;
  readonly budget: Budget;
  /** Version of the program that answers. */
  readonly version: string;
}

export interface ContextOptions {
  readonly store: Store;
  readonly version: string;
  /** What all contexts of a store share, so that they share its reads. */
  readonly feed?: Feed | undefined;
  readonly limits?: Limits | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** The context of one request, whose time starts now. */
export function createContext({
  store,
  version,
  feed = new Feed(store),
  limits = DEFAULT_LIMITS,
  signal,
}: ContextOptions): Context {
  return { store, feed, limits, budget: new Budget(limits, signal), version };
}

/** Has what is read from now on be read where all that was written is to be seen. */
export function readUpToDate(context: Context): void {
  context.store = context.store.upToDate ?? context.store;
}

/**
 * Rows from the store, paid for from the request's budget. The query is given how many rows it may take at most.
 * Throws LIMIT_EXCEEDED when the budget is used up.
 */
export async function read<Row>(
  { store, budget }: Context,
  query: (store: Store, rowsLeft: number) => MaybePromise<Row[]>,
): Promise<Row[]> {
  budget.checkTime();
  const rows = await query(store, budget.rowsLeft);
  budget.spendRows(rows.length);
  return rows;
}
