import {
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  isLeafType,
  Kind,
  type ValidatedExecutionArgs,
  type ValueNode,
} from 'graphql';
import { type Many, manyOf } from '../many.ts';
import { type Complete, completionOf } from './completion.ts';
import type { Selection } from './selection.ts';

/** A field that is selected of a type, and how it is answered. */
export class SelectedField {
  /** Its name in the answer. */
  readonly key: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Wherever the document has it. */
  readonly nodes: readonly FieldNode[];
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  /** How it is asked for many objects at once, if it is. */
  readonly many: Many | undefined;
  readonly complete: Complete;
  /** Whether its values are at hand, and have no objects in them. */
  readonly isPlain: boolean;
  /** What is selected of the objects in its values, by their types, as far as that was asked for. Most fields have none in them. */
  inside: Map<GraphQLObjectType, Selection> | undefined;
  readonly #fixedArgs: Args | undefined;

  constructor(
    key: string,
    parentType: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
    nodes: readonly FieldNode[],
  ) {
    const { name, type, resolve } = definition;
    this.key = key;
    this.parentType = parentType;
    this.definition = definition;
    this.nodes = nodes;
    this.resolve = resolve ?? ((source) => (source as Record<string, unknown>)[name]);
    this.many = manyOf(resolve);
    this.complete = completionOf(type);
    this.isPlain = !this.many && isLeafType(getNamedType(type));
    this.#fixedArgs = nodes[0]?.arguments?.some(({ value }) => hasVariable(value)) ? undefined : this.#args();
  }

  /** What it is asked with in a request. */
  argsFor({ variableValues }: ValidatedExecutionArgs): Args {
    return this.#fixedArgs ?? this.#args(variableValues);
  }

  #args(variableValues?: ValidatedExecutionArgs['variableValues']): Args {
    const [node] = this.nodes;
    return node && this.definition.args.length > 0 ? getArgumentValues(this.definition, node, variableValues) : NO_ARGS;
  }
}

type Args = Record<string, unknown>;

const NO_ARGS: Args = {};

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => hasVariable(field.value));
  return value.kind === Kind.VARIABLE;
}
