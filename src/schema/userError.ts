import type { Recorded, Refusal, RefusalCode } from '../model.ts';
import { builder } from './builder.ts';

/** Why something was not recorded, and where in the input the reason is. */
export interface UserError {
  readonly code: RefusalCode;
  readonly message: string;
  readonly path: readonly string[];
}

const UserErrorCodeRef = builder.enumType('UserErrorCode', {
  description: 'Why something was not recorded.',
  values: {
    RUN_NOT_FOUND: { description: 'There is no run with this id.' },
    NODE_NOT_FOUND: { description: 'The run has no node with this label: it was never started.' },
    PARENT_NOT_FOUND: { description: 'There is no run with the id given for the parent.' },
    CONFLICT: { description: 'Something else was recorded before under the same name.' },
    INVALID_TRANSITION: { description: 'The run or the node is in a state in which this cannot happen.' },
    INVALID_INPUT: { description: 'A value is not allowed here.' },
    INVALID_JSON: { description: 'A payload is neither JSON nor what Python writes for it.' },
    PAYLOAD_TOO_LARGE: { description: 'A payload or an error text has more bytes than the server takes.' },
  } satisfies Record<RefusalCode, { description: string }>,
});

export const UserErrorRef = builder.objectRef<UserError>('UserError').implement({
  description: 'Why something was not recorded. Where there is one, nothing of the mutation was.',
  fields: (t) => ({
    code: t.expose('code', { type: UserErrorCodeRef, description: 'The kind of error, for programs.' }),
    message: t.exposeString('message', { description: 'What is wrong and what to do, for people.' }),
    path: t.field({
      type: ['String'],
      nullable: true,
      description:
        'Where in the input it is, such as [input, events, 3, nodeCompleted, nodeLabel]; null if that cannot be said.',
      resolve: ({ path }) => path,
    }),
  }),
});

/** What to tell of a refused batch; nothing if it was recorded. `pathOf` says where in the input a refusal belongs. */
export function userErrorsOf(recorded: Recorded, pathOf: (refusal: Refusal) => readonly string[]): UserError[] {
  if (recorded.ok) return [];
  const errors = recorded.refusals.map((refusal) => ({
    code: refusal.code,
    message: refusal.message,
    path: ['input', ...pathOf(refusal)],
  }));
  // Two events of one input may be refused for the same reason.
  return [...new Map(errors.map((error) => [JSON.stringify(error), error])).values()];
}
