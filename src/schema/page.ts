/** Pages of long lists: what clients ask for, as the store is asked for it, and back. */
import { Fault } from '../errors.ts';
import type { DagRun } from '../model.ts';
import type { Place, Slice } from '../store/store.ts';
import type { Limits } from './limits.ts';
import { fromOpaque, toOpaque } from './opaque.ts';

const DEFAULT_PAGE_SIZE = 50;

/** As in GraphQL, null is the same as absent. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** Some runs in the order of their list, and whether there are others before and after them. */
export interface RunPage {
  readonly runs: readonly DagRun[];
  readonly hasPreviousPage: boolean;
  readonly hasNextPage: boolean;
}

/**
 * The slice of a list that holds the page asked for and one run more, which tells whether the list goes on.
 * Throws BAD_REQUEST for numbers out of range, INVALID_CURSOR for cursors that we never gave.
 */
export function toSlice({ first, after, last, before }: PageArgs, limits: Limits): Slice {
  if (first != null && last != null) throw new Fault('BAD_REQUEST', 'Give either first or last, not both.');
  const size = last != null ? pageSize('last', last, limits) : pageSize('first', first ?? defaultSize(limits), limits);
  return {
    limit: size + 1,
    after: after == null ? undefined : fromCursor(after),
    before: before == null ? undefined : fromCursor(before),
    fromEnd: last != null,
  };
}

/** The page in what the store gave for a slice. */
export function toPage(runs: readonly DagRun[], { limit, after, before, fromEnd = false }: Slice): RunPage {
  const isCut = runs.length === limit;
  return {
    runs: isCut ? (fromEnd ? runs.slice(1) : runs.slice(0, -1)) : runs,
    // On a side where a cursor was given there is at least the run that it names.
    hasPreviousPage: after !== undefined || (fromEnd && isCut),
    hasNextPage: before !== undefined || (!fromEnd && isCut),
  };
}

/** How many, if it may be so many. Throws BAD_REQUEST otherwise. */
export function pageSize(argument: 'first' | 'last', size: number, { maxPageSize }: Limits): number {
  if (size >= 0 && size <= maxPageSize) return size;
  throw new Fault(
    'BAD_REQUEST',
    `${argument} is ${size}, and may be from 0 to ${maxPageSize}. For more, go on with the next page.`,
  );
}

/** What the runs of a page cost: once for each default page that it is long. A size that is not allowed is refused elsewhere. */
export function pageCost({ first, last }: PageArgs, { limits }: { readonly limits: Limits }) {
  const size = Math.min(first ?? last ?? DEFAULT_PAGE_SIZE, limits.maxPageSize);
  return { field: 1, multiplier: Math.max(1, Math.ceil(size / DEFAULT_PAGE_SIZE)) };
}

/** The opaque text for a place in a list. */
export function toCursor({ startedAt, runId }: Place): string {
  return toOpaque([CURSOR_VERSION, startedAt, runId]);
}

/** Raised when a cursor gets another meaning, so that old ones are refused instead of misread. */
const CURSOR_VERSION = 1;

function fromCursor(cursor: string): Place {
  const [version, startedAt, runId] = fromOpaque(cursor);
  if (version === CURSOR_VERSION && typeof startedAt === 'number' && typeof runId === 'string')
    return { startedAt, runId };
  throw new Fault(
    'INVALID_CURSOR',
    `${JSON.stringify(cursor)} is no cursor of this list. Give a cursor or endCursor that an earlier page had, or none to begin anew.`,
  );
}

function defaultSize({ maxPageSize }: Limits): number {
  return Math.min(DEFAULT_PAGE_SIZE, maxPageSize);
}
