/** Executes operations as the standard executor does, but most of them faster. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  type ValidatedExecutionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import { afresh, type Context } from './context.ts';
import { answerByLevels } from './execute/levels.ts';
import { validatedArgs } from './execute/variables.ts';

/** Executes a query or a mutation. The arguments' context has to be a `Context`. */
export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const validated = validatedArgs(args);
  if (!('schema' in validated)) return { errors: validated };
  if (validated.operation.operation !== 'query') return executeRootSelectionSet(validated);
  return byLevels(validated, executeRootSelectionSet);
}

/** Executes what is asked of an event, which is the arguments' root value. */
export function executeEvent(args: ValidatedSubscriptionArgs): Promise<ExecutionResult> {
  return byLevels(args, executeSubscriptionEvent);
}

/** What only reads can be done over again. */
async function byLevels<Args extends ValidatedExecutionArgs>(
  args: Args,
  standard: (args: Args) => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  try {
    return { data: await answerByLevels(args) };
  } catch {
    return standard({ ...args, contextValue: afresh(args.contextValue as Context) });
  }
}
