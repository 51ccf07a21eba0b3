import {
  type GraphQLAbstractType,
  GraphQLBoolean,
  GraphQLID,
  type GraphQLNullableOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';

/** Makes of a value that was resolved what is shown of it. Throws if it cannot be shown as its type says. */
export type Complete = (value: unknown, objects: ObjectCompletion) => unknown;

/** What completion leaves to others. */
export interface ObjectCompletion {
  /** Gives the object that shows another one. */
  show(source: unknown, type: GraphQLObjectType): unknown;
  /** Which type an object has. */
  typeOf(source: unknown, type: GraphQLAbstractType): GraphQLObjectType;
}

const completions = new WeakMap<GraphQLOutputType, Complete>();

/** How values of a type are completed, as GraphQL's specification has it; only that lists have to be arrays. Made once for each type. */
export function completionOf(type: GraphQLOutputType): Complete {
  let completion = completions.get(type);
  if (!completion) {
    completion = newCompletionOf(type);
    completions.set(type, completion);
  }
  return completion;
}

function newCompletionOf(type: GraphQLOutputType): Complete {
  const isRequired = isNonNullType(type);
  const present = isRequired ? type.ofType : type;
  const complete = completionOfPresent(present);
  const asItIs = SHOWN_AS_IT_IS.get(present);
  return (value, objects) => {
    if (typeof value === asItIs) return value;
    if (value === null || value === undefined) return isRequired ? notShown(value, type) : null;
    if (value instanceof Error || value instanceof Promise) return notShown(value, type);
    return complete(value, objects);
  };
}

/** What JavaScript calls the values that a type shows as they are. */
const SHOWN_AS_IT_IS = new Map<GraphQLOutputType, string>([
  [GraphQLString, 'string'],
  [GraphQLID, 'string'],
  [GraphQLBoolean, 'boolean'],
]);

function completionOfPresent(type: GraphQLNullableOutputType): Complete {
  if (isLeafType(type)) return (value) => type.coerceOutputValue(value) ?? notShown(value, type);
  if (isListType(type)) {
    const item = completionOf(type.ofType);
    return (value, objects) =>
      Array.isArray(value) ? value.map((each) => item(each, objects)) : notShown(value, type);
  }
  if (isAbstractType(type)) return (value, objects) => objects.show(value, objects.typeOf(value, type));
  return (value, objects) => objects.show(value, type);
}

function notShown(value: unknown, type: GraphQLOutputType): never {
  throw new TypeError(`expected a value to be shown as ${String(type)}, but got ${String(value)}`);
}
