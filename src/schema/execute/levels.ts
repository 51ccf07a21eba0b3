/**
 * Answers a query level by level: each field is asked once for all objects of its level, so that what is below a thousand nodes
 * takes one read and one promise. Standard executors go object by object.
 *
 * It knows no errors: at the first one it gives up, for a standard executor to tell what is wrong, and what is right beside it.
 */
import {
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
  type ValidatedExecutionArgs,
} from 'graphql';
import type { Context } from '../context.ts';
import type { ObjectCompletion } from './completion.ts';
import { planOf } from './plan.ts';
import type { SelectedField } from './selectedField.ts';
import { type Selection, selectionInside } from './selection.ts';

type Shown = Record<string, unknown>;

/** The data of a query, or of an event of a subscription. Rejects if there is any error in it. */
export async function answerByLevels(args: ValidatedExecutionArgs): Promise<Shown> {
  const { turns } = args.contextValue as Context;
  const root = new Group(planOf(args), args);
  const data = root.show(args.rootValue);
  let groups = [root];
  while (groups.length > 0) {
    const fields = groups.flatMap((group) => group.fields()).sort(firstOnes);
    const values = await Promise.all(fields.map((field) => field.resolve()));
    groups = [];
    for (const [index, field] of fields.entries()) {
      groups.push(...field.showAll(values[index]));
      const others = turns.giveWay();
      if (others) await others;
    }
  }
  return data;
}

/** Objects of one level that the same is selected of: as they were read, and as they are shown. */
class Group {
  readonly sources: unknown[] = [];
  readonly shown: Shown[] = [];
  readonly #selection: Selection;
  readonly #args: ValidatedExecutionArgs;

  constructor(selection: Selection, args: ValidatedExecutionArgs) {
    this.#selection = selection;
    this.#args = args;
  }

  /** Takes one more. Gives the object that will show it. */
  show(source: unknown): Shown {
    // Objects that begin with all of their keys, in order, are made fast and alike; by a spread at half the speed.
    const shown = Object.assign({}, this.#selection.blank);
    this.sources.push(source);
    this.shown.push(shown);
    return shown;
  }

  fields(): GroupField[] {
    return this.#selection.fields.map((field) => new GroupField(this, field, this.#args));
  }
}

/** A field of all objects of a group. */
class GroupField implements ObjectCompletion {
  readonly #group: Group;
  readonly #field: SelectedField;
  readonly #args: ValidatedExecutionArgs;
  readonly #inner = new Map<GraphQLObjectType, Group>();

  constructor(group: Group, field: SelectedField, args: ValidatedExecutionArgs) {
    this.#group = group;
    this.#field = field;
    this.#args = args;
  }

  get isFirst(): boolean {
    return this.#field.many?.first ?? false;
  }

  /** Its value for each object; undefined for a plain field, whose values need not be kept until they are shown. */
  async resolve(): Promise<readonly unknown[] | undefined> {
    const { many, isPlain } = this.#field;
    if (isPlain) return undefined;
    const { sources } = this.#group;
    if (many) return many.resolveMany(sources, this.#field.argsFor(this.#args), this.#args.contextValue as Context);
    return settled(sources.map(this.#resolver()));
  }

  /** Shows the values. Gives the groups of objects that are in them. */
  showAll(values: readonly unknown[] | undefined): Group[] {
    const { sources, shown } = this.#group;
    const { key, complete } = this.#field;
    const resolve = values ? undefined : this.#resolver();
    for (let index = 0; index < shown.length; index++) {
      const value = resolve ? resolve(sources[index]) : values?.[index];
      (shown[index] as Shown)[key] = complete(value, this);
    }
    return [...this.#inner.values()];
  }

  show(source: unknown, type: GraphQLObjectType): Shown {
    let inner = this.#inner.get(type);
    if (!inner) {
      inner = new Group(selectionInside(this.#field, type, this.#args), this.#args);
      this.#inner.set(type, inner);
    }
    return inner.show(source);
  }

  typeOf(source: unknown, type: GraphQLAbstractType): GraphQLObjectType {
    const { schema, typeResolver, contextValue } = this.#args;
    const name = (type.resolveType ?? typeResolver)(source, contextValue, this.#info(), type);
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (isObjectType(found) && schema.isSubType(type, found)) return found;
    throw new TypeError(`expected the name of a type that is a ${type.name}, but got ${String(name)}`);
  }

  #resolver(): (source: unknown) => unknown {
    const { resolve } = this.#field;
    const { contextValue } = this.#args;
    const args = this.#field.argsFor(this.#args);
    const info = this.#info();
    return (source) => resolve(source, args, contextValue, info);
  }

  /** The same for all objects, so the path is without places in lists. */
  #info(): GraphQLResolveInfo {
    const { definition, nodes, key, parentType } = this.#field;
    const { schema, fragmentDefinitions: fragments, rootValue, operation, variableValues } = this.#args;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path: { prev: undefined, key, typename: parentType.name },
      schema,
      fragments,
      rootValue,
      operation,
      variableValues,
      getAbortSignal: () => this.#args.externalAbortSignal,
      getAsyncHelpers: () => ({ promiseAll: (values) => Promise.all(values), track: () => {} }),
    };
  }
}

function firstOnes(a: GroupField, b: GroupField): number {
  return Number(b.isFirst) - Number(a.isFirst);
}

/** Values whose promises, and those of the items of lists, have come. */
async function settled(values: readonly unknown[]): Promise<readonly unknown[]> {
  const come = values.some(isPromise) ? await Promise.all(values) : values;
  const haveItems = come.some((value) => Array.isArray(value) && value.some(isPromise));
  return haveItems ? Promise.all(come.map((value) => (Array.isArray(value) ? Promise.all(value) : value))) : come;
}

function isPromise(value: unknown): boolean {
  return value instanceof Promise;
}
