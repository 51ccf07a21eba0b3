import {
  type FieldNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql';
import { SelectedField } from './selectedField.ts';

/**
 * What is selected of objects of one type: fragments are spelled out, what is skipped is left out. It depends on the document and on
 * what `@skip` and `@include` are given, and on nothing else of a request.
 */
export interface Selection {
  /** In the order in which they are shown. */
  readonly fields: readonly SelectedField[];
  /** What shows an object, before anything of it is shown: all keys, in their order. */
  readonly blank: Record<string, unknown>;
}

/** What is selected of objects of this type that the field gives. */
export function selectionInside(
  field: SelectedField,
  type: GraphQLObjectType,
  args: ValidatedExecutionArgs,
): Selection {
  const known = field.inside?.get(type);
  if (known) return known;
  const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const inside = selectionOf(type, sets, args);
  field.inside ??= new Map();
  field.inside.set(type, inside);
  return inside;
}

/** What some selection sets, which are merged, select of a type. */
export function selectionOf(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  args: ValidatedExecutionArgs,
): Selection {
  const nodesByKey = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const set of sets) collect(set);

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

  const fields = [...nodesByKey].flatMap(([key, nodes]) => {
    const definition = fieldOf(type, nodes, args);
    return definition ? [new SelectedField(key, type, definition, nodes)] : [];
  });
  return { fields, blank: Object.fromEntries(fields.map(({ key }) => [key, null])) };
}

/** Nothing where the type has no such field, which cannot be in a valid document. */
function fieldOf(
  type: GraphQLObjectType,
  [node]: readonly FieldNode[],
  { schema }: ValidatedExecutionArgs,
): GraphQLField<unknown, unknown> | undefined {
  return node && schema.getField(type, node.name.value);
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
