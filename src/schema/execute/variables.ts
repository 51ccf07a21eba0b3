import {
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNullableInputType,
  type GraphQLSchema,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type OperationDefinitionNode,
  typeFromAST,
  type ValidatedExecutionArgs,
  validateExecutionArgs,
} from 'graphql';

/**
 * What `validateExecutionArgs` gives. Where all variables are as their types say, they are taken in faster: a thousand events are
 * some ten thousand values.
 */
export function validatedArgs(
  args: ExecutionArgs,
  prepared = args.variableValues,
): ValidatedExecutionArgs | readonly GraphQLError[] {
  const { schema, document, operationName, variableValues: raw } = args;
  const operation = getOperationAST(document, operationName);
  const variableValues = operation && raw && prepared && coercedVariables(schema, operation, { raw, prepared });
  if (!variableValues) return validateExecutionArgs(args);
  const { variableDefinitions: _, ...withoutVariables } = operation;
  const definitions = document.definitions.map((definition) =>
    definition === operation ? withoutVariables : definition,
  );
  const validated = validateExecutionArgs({ ...args, document: { ...document, definitions } });
  return 'schema' in validated ? { ...validated, document, operation, variableValues } : validated;
}

/** A list that was taken in before, as its type has it. */
export class Prepared {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

type VariableValues = ValidatedExecutionArgs['variableValues'];

type Values = { readonly [name: string]: unknown };

/** Undefined if there is anything about the variables that the standard way knows better. */
function coercedVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  { raw, prepared }: { readonly raw: Values; readonly prepared: Values },
): VariableValues | undefined {
  const sources = Object.create(null);
  const coerced = Object.create(null);
  for (const definition of variableDefinitions) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (!isInputType(type) || definition.defaultValue) return undefined;
    const signature = { name, type, default: undefined };
    if (value === undefined) {
      if (isNonNullType(type)) return undefined;
      sources[name] = { signature };
      continue;
    }
    const coercedValue = coercionTo(type)(prepared[name]);
    if (coercedValue === undefined) return undefined;
    coerced[name] = coercedValue;
    sources[name] = { signature, value };
  }
  return { sources, coerced };
}

/** Gives a value as its type has it, with defaults filled in; undefined if it is none of the type. */
type Coercion = (value: unknown) => unknown;

const coercions = new WeakMap<GraphQLInputType, Coercion>();

/** Made once for each type. */
export function coercionTo(type: GraphQLInputType): Coercion {
  let coercion = coercions.get(type);
  if (!coercion) {
    coercion = isNonNullType(type) ? required(coercionTo(type.ofType)) : optional(type);
    coercions.set(type, coercion);
  }
  return coercion;
}

function required(coerce: Coercion): Coercion {
  return (value) => (value == null ? undefined : coerce(value));
}

function optional(type: GraphQLNullableInputType): Coercion {
  const coerce = isListType(type)
    ? toList(coercionTo(type.ofType))
    : isInputObjectType(type)
      ? toObject(type)
      : (value: unknown) => {
          try {
            return type.coerceInputValue(value);
          } catch {
            return undefined;
          }
        };
  return (value) => (value == null ? null : coerce(value));
}

function toList(coerce: Coercion): Coercion {
  return (value) => {
    if (value instanceof Prepared) return value.items;
    if (!Array.isArray(value)) return undefined;
    const items: unknown[] = [];
    for (const item of value) {
      const coerced = coerce(item);
      if (coerced === undefined) return undefined;
      items.push(coerced);
    }
    return items;
  };
}

function toObject(type: GraphQLInputObjectType): Coercion {
  // Made at the first use: a type may hold itself.
  let fields: readonly Field[] | undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    fields ??= Object.values(type.getFields()).map(fieldOf);
    const coerced: Record<string, unknown> = {};
    let given = 0;
    for (const { name, coerce, byDefault, isRequired } of fields) {
      const fieldValue = (value as Readonly<Record<string, unknown>>)[name];
      if (fieldValue === undefined) {
        if (isRequired) return undefined;
        if (byDefault !== undefined) coerced[name] = byDefault;
        continue;
      }
      const coercedValue = coerce(fieldValue);
      if (coercedValue === undefined || (coercedValue === null && type.isOneOf)) return undefined;
      coerced[name] = coercedValue;
      given++;
    }
    const isWhole = given === Object.keys(value).length && (given === 1 || !type.isOneOf);
    return isWhole ? coerced : undefined;
  };
}

interface Field {
  readonly name: string;
  readonly coerce: Coercion;
  readonly byDefault: unknown;
  readonly isRequired: boolean;
}

function fieldOf(field: GraphQLInputField): Field {
  const coerce = coercionTo(field.type);
  const byDefault = field.default?.value === undefined ? field.defaultValue : coerce(field.default.value);
  return { name: field.name, coerce, byDefault, isRequired: isRequiredInputField(field) };
}
