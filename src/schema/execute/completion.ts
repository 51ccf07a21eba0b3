import {
  type GraphQLAbstractType,
  type GraphQLNullableOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';

/** Makes of a value that was resolved what is shown of it. Throws if it cannot be shown as its type says. */
export type Complete = (value: unknown) => unknown;

/** What completion leaves to others. */
export interface ObjectCompletion {
  /** Gives the object that shows another one. */
  show(source: unknown, type: GraphQLObjectType): unknown;
  /** Which type an object has. */
  typeOf(source: unknown, type: GraphQLAbstractType): GraphQLObjectType;
}

/** How values of a type are completed, as GraphQL's specification has it; only that lists have to be arrays. */
export function completionOf(type: GraphQLOutputType, objects: ObjectCompletion): Complete {
  const isRequired = isNonNullType(type);
  const complete = completionOfPresent(isRequired ? type.ofType : type, objects);
  return (value) => {
    if (value instanceof Error || value instanceof Promise) return notShown(value, type);
    if (value !== null && value !== undefined) return complete(value);
    return isRequired ? notShown(value, type) : null;
  };
}

function completionOfPresent(type: GraphQLNullableOutputType, objects: ObjectCompletion): Complete {
  if (isLeafType(type)) return (value) => type.coerceOutputValue(value) ?? notShown(value, type);
  if (isListType(type)) {
    const item = completionOf(type.ofType, objects);
    return (value) => (Array.isArray(value) ? value.map(item) : notShown(value, type));
  }
  if (isAbstractType(type)) return (value) => objects.show(value, objects.typeOf(value, type));
  return (value) => objects.show(value, type);
}

function notShown(value: unknown, type: GraphQLOutputType): never {
  throw new TypeError(`expected a value to be shown as ${String(type)}, but got ${String(value)}`);
}
