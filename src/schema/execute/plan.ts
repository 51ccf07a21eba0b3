import {
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
  type ValidatedExecutionArgs,
} from 'graphql';
import { type Selection, selectionOf } from './selection.ts';

/** What an operation selects at its root. Found out once for each operation that is asked again, with all that is inside. */
export function planOf(args: ValidatedExecutionArgs): Selection {
  const { schema, operation } = args;
  const flags = flagsOf(args);
  const known = plans.get(operation);
  if (known?.flags === flags && known.schema === schema) return known.selection;
  const type = schema.getRootType(operation.operation);
  if (!type) throw new TypeError(`expected a schema with a type for a ${operation.operation}, but it has none`);
  const selection = selectionOf(type, [operation.selectionSet], args);
  plans.set(operation, { schema, flags, selection });
  return selection;
}

interface Plan {
  readonly schema: GraphQLSchema;
  /** What it depends on besides. */
  readonly flags: string;
  readonly selection: Selection;
}

/** One for each operation: who asks it with other flags, as a rule goes on with them. */
const plans = new WeakMap<OperationDefinitionNode, Plan>();

/** The values of all variables that `@skip` and `@include` can be given. */
function flagsOf({ operation, variableValues }: ValidatedExecutionArgs): string {
  const flags = operation.variableDefinitions?.filter(({ type }) => isBoolean(type)) ?? [];
  return flags.map(({ variable }) => String(variableValues.coerced[variable.name.value])).join();
}

function isBoolean(type: TypeNode): boolean {
  if (type.kind === Kind.NON_NULL_TYPE) return isBoolean(type.type);
  return type.kind === Kind.NAMED_TYPE && type.name.value === 'Boolean';
}
