import {
  type FieldNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql';

/** What is selected of objects of one type, in the order in which it is shown: fragments are spelled out, what is skipped is left out. */
export type Selection = readonly SelectedField[];

export interface SelectedField {
  /** Its name in the answer. */
  readonly key: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly args: Record<string, unknown>;
  /** Wherever the document has it. */
  readonly nodes: readonly FieldNode[];
}

/** What some selection sets, which are merged, select of a type. */
export function selectionOf(
  type: GraphQLObjectType,
  sets: readonly (SelectionSetNode | undefined)[],
  args: ValidatedExecutionArgs,
): Selection {
  const nodesByKey = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const set of sets) if (set) collect(set);

  function collect(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection, args)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        if (key === '__proto__') throw new TypeError('expected a key that any object can have, but got __proto__');
        const nodes = nodesByKey.get(key);
        if (nodes) nodes.push(selection);
        else nodesByKey.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (appliesTo(selection, type, args)) collect(selection.selectionSet);
      } else {
        const fragment = args.fragmentDefinitions[selection.name.value];
        if (!fragment || !appliesTo(fragment, type, args) || spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
        collect(fragment.selectionSet);
      }
    }
  }

  return [...nodesByKey].flatMap(([key, nodes]) => selectedField(type, key, nodes, args));
}

/** Nothing where the type has no such field, which cannot be in a valid document. */
function selectedField(
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  { schema, variableValues }: ValidatedExecutionArgs,
): SelectedField[] {
  const [node] = nodes;
  const definition = node && schema.getField(parentType, node.name.value);
  if (!definition) return [];
  return [{ key, parentType, definition, args: getArgumentValues(definition, node, variableValues), nodes }];
}

function isIncluded(node: SelectionNode, { variableValues }: ValidatedExecutionArgs): boolean {
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
  );
}

function appliesTo(
  { typeCondition }: { readonly typeCondition?: NamedTypeNode | undefined },
  type: GraphQLObjectType,
  { schema }: ValidatedExecutionArgs,
): boolean {
  const condition = typeCondition && schema.getType(typeCondition.name.value);
  return !condition || condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}
