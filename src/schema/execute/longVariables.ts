/** Variables with long lists in them, which take long to take in: others have their turn meanwhile. */
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLInputType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type ValidatedExecutionArgs,
} from 'graphql';
import { mapInTurns, type Turns } from '../turns.ts';
import { coercionTo, Prepared, validatedArgs } from './variables.ts';

/** A list of so many items takes a millisecond. */
const LONG = 1_000;

/** Whether there is a list that is long, not counting those inside of others. */
export function hasLongList(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > LONG;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLongList);
}

/** What `validatedArgs` gives. */
export async function validatedArgsInTurns(
  args: ExecutionArgs,
  turns: Turns,
): Promise<ValidatedExecutionArgs | readonly GraphQLError[]> {
  const { schema, document, operationName, variableValues: raw } = args;
  const prepared: Record<string, unknown> = { ...raw };
  const lists: LongList[] = [];
  for (const { variable, type: node } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    if (!isInputType(type) || !Object.hasOwn(prepared, name)) continue;
    prepared[name] = await preparedFor(type, prepared[name], {
      turns,
      lists,
      place: `Variable "$${name}" has invalid value at `,
    });
  }
  const [list] = lists;
  const errors =
    list && lists.length === 1 && list.wrong.length > 0
      ? errorsIn(list, { ...args, variableValues: prepared })
      : undefined;
  return errors ?? validatedArgs(args, prepared);
}

interface LongList {
  /** How errors about it begin. */
  readonly place: string;
  /** Which of its items are not as their type says. */
  readonly wrong: readonly number[];
}

interface Preparation {
  readonly turns: Turns;
  readonly lists: LongList[];
  readonly place: string;
}

/** The same value, but that long lists in it are `Prepared`, or have only those items left that are wrong. */
async function preparedFor(type: GraphQLInputType, value: unknown, preparation: Preparation): Promise<unknown> {
  if (!hasLongList(value)) return value;
  const { turns, lists, place } = preparation;
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (Array.isArray(value)) {
    if (!isListType(nullable)) return value;
    const items = await mapInTurns(value, coercionTo(nullable.ofType), turns);
    const wrong = items.flatMap((item, index) => (item === undefined ? index : []));
    lists.push({ place, wrong });
    return wrong.length === 0 ? new Prepared(items) : wrong.map((index) => value[index]);
  }
  if (!isInputObjectType(nullable)) return value;
  const fields = nullable.getFields();
  const prepared: Record<string, unknown> = { ...(value as object) };
  for (const name of Object.keys(prepared)) {
    const field = fields[name];
    if (field)
      prepared[name] = await preparedFor(field.type, prepared[name], { turns, lists, place: `${place}.${name}` });
  }
  return prepared;
}

/** What the standard says of the wrong items alone, told of their places in the whole list; undefined if it says anything else. */
function errorsIn({ place, wrong }: LongList, args: ExecutionArgs): GraphQLError[] | undefined {
  const validated = validatedArgs(args);
  if ('schema' in validated) return undefined;
  const errors = validated.map((error) => {
    const [, index, rest] = error.message.startsWith(place)
      ? (/^\[(\d+)\](.*)$/s.exec(error.message.slice(place.length)) ?? [])
      : [];
    if (index === undefined) return error.message === TOO_MANY ? error : undefined;
    const { nodes, originalError } = error;
    return new GraphQLError(`${place}[${wrong[Number(index)]}]${rest}`, { nodes, originalError });
  });
  return errors.includes(undefined) ? undefined : errors.filter((error) => error !== undefined);
}

const TOO_MANY = 'Too many errors processing variables, error limit reached. Execution aborted.';
