/**
 * Fields that read something answer for many parents at once: `resolve: many((runs, args, context) => ...)`. Our own executor asks
 * them so, once for a whole level of a query. Whoever asks for one parent at a time is gathered into the same batches.
 */
import DataLoader from 'dataloader';
import type { Fault } from '../errors.ts';
import type { Context } from './context.ts';
import { remembered } from './loader.ts';

/** Gives one value for each parent, in their order; a fault for one that has none. Arguments are plain data. */
export type ResolveMany<Parent, Args, Value> = (
  parents: readonly Parent[],
  args: Args,
  context: Context,
) => Promise<readonly (Value | Fault)[]>;

export interface ManyOptions {
  /** Whether it is to be read before all other fields of the same level of a query. */
  readonly first?: boolean;
}

/** A resolver for one parent, made of one for many. */
export function many<Parent, Args, Value>(
  resolveMany: ResolveMany<Parent, Args, Value>,
  { first = false }: ManyOptions = {},
): (parent: Parent, args: Args, context: Context) => Promise<Value> {
  const gatherer = remembered((context, args: Args) => {
    return new DataLoader<Parent, Value>(async (parents) => resolveMany(parents, args, context), {
      cache: false,
      // The others wait for a later phase of the event loop, to gather what promises still ask for.
      ...(first && { batchScheduleFn: queueMicrotask }),
    });
  });
  const resolve = (parent: Parent, args: Args, context: Context) => gatherer(context, args).load(parent);
  made.set(resolve, { resolveMany, first } as Many);
  return resolve;
}

export interface Many {
  readonly resolveMany: ResolveMany<unknown, unknown, unknown>;
  readonly first: boolean;
}

const made = new WeakMap<object, Many>();

/** What a resolver was made of, if `many` made it. */
export function manyOf(resolve: object | undefined): Many | undefined {
  return resolve && made.get(resolve);
}
