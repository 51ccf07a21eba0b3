/**
 * Runs subscriptions as graphql-js does, except that an event of which many are told is answered once for all who ask the same of
 * it: a thousand viewers of a run cost little more than one.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  Kind,
  mapSourceToResponseEvent,
  type OperationDefinitionNode,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
  visit,
} from 'graphql';
import { type Context, createContext, readUpToDate } from './context.ts';
import { executeEvent } from './execute.ts';
import { Shared } from './shared.ts';

/** The arguments' context has to be a `Context`. */
export async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const validated = validateSubscriptionArgs(args);
  if (!('operation' in validated)) return { errors: validated };
  // What is told has just been written.
  readUpToDate(args.contextValue as Context);
  const events = await createSourceEventStream(validated);
  return Symbol.asyncIterator in events ? mapSourceToResponseEvent(validated, events, answer) : events;
}

const answers = new Shared<object, Promise<ExecutionResult>>();

function answer(args: ValidatedSubscriptionArgs): Promise<ExecutionResult> {
  const event = args.rootValue as object;
  return answers.get(event, questionOf(args), async () => {
    // Not the context of the one who asks first, who may be gone before it is answered.
    const { store, feed, version, limits } = args.contextValue as Context;
    return executeEvent({ ...args, contextValue: createContext({ store, feed, version, limits }) });
  });
}

interface Question {
  readonly id: number;
  /** Variables that the answers depend on. */
  readonly variables: readonly string[];
}

const questions = new WeakMap<OperationDefinitionNode, Question>();
let lastId = 0;

/** The same text for those who ask the same of an event. */
function questionOf(args: ValidatedSubscriptionArgs): string {
  const { operation, variableValues } = args;
  let question = questions.get(operation);
  if (!question) {
    lastId += 1;
    question = { id: lastId, variables: variablesInside(args) };
    questions.set(operation, question);
  }
  const { id, variables } = question;
  return `${id} ${JSON.stringify(variables.map((name) => variableValues.coerced[name]))}`;
}

/** The arguments of the subscription itself have chosen the events; what is asked of them depends on the other variables. */
function variablesInside({ operation, fragments }: ValidatedSubscriptionArgs): string[] {
  const names = new Set<string>();
  const note = {
    Variable({ name }: { readonly name: { readonly value: string } }): void {
      names.add(name.value);
    },
  };
  for (const selection of operation.selectionSet.selections) {
    visit(selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection, note);
  }
  for (const fragment of Object.values(fragments)) visit(fragment.definition, note);
  return [...names];
}
