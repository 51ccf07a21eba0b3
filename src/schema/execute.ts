/** Executes operations as the standard executor does, but most of them faster. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidatedExecutionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import { Fault } from '../errors.ts';
import { afresh, type Context } from './context.ts';
import { answerByLevels } from './execute/levels.ts';
import { hasLongList, validatedArgsInTurns } from './execute/longVariables.ts';
import { validatedArgs } from './execute/variables.ts';

/** Executes a query or a mutation. The arguments' context has to be a `Context`. */
export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const { turns } = args.contextValue as Context;
  const validated = hasLongList(args.variableValues) ? await validatedArgsInTurns(args, turns) : validatedArgs(args);
  if (!('schema' in validated)) return { errors: validated };
  return canBeginAnew(validated.operation)
    ? byLevels(validated, executeRootSelectionSet)
    : executeRootSelectionSet(validated);
}

/** Executes what is asked of an event, which is the arguments' root value. */
export function executeEvent(args: ValidatedSubscriptionArgs): Promise<ExecutionResult> {
  return byLevels(args, executeSubscriptionEvent);
}

/** Whether nothing is done twice if it is answered twice: contexts remember one batch of events that was recorded. */
function canBeginAnew({ operation, selectionSet: { selections } }: OperationDefinitionNode): boolean {
  return operation !== 'mutation' || (selections.length === 1 && selections[0]?.kind === Kind.FIELD);
}

async function byLevels<Args extends ValidatedExecutionArgs>(
  args: Args,
  standard: (args: Args) => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  try {
    return { data: await answerByLevels(args) };
  } catch (error) {
    if (isBeyondLimit(error) && args.operation.operation !== 'mutation') return nothingBut(error);
    return standard({ ...args, contextValue: afresh(args.contextValue as Context) });
  }
}

/** Whether the request is too large as a whole. It would be so again, and whoever asks does not get to make that work double. */
function isBeyondLimit(error: unknown): error is Fault {
  return error instanceof Fault && error.code === 'LIMIT_EXCEEDED';
}

/** The error is where the data would be. */
function nothingBut(fault: Fault): ExecutionResult {
  return { errors: [new GraphQLError(fault.message, { originalError: fault, path: [] })], data: null };
}
