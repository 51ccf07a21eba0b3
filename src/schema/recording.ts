/** What all mutations have in common: their input becomes events, which are recorded; their payload shows what is there then. */
import type { NodeKey, Recorded, Refusal, RunEvent, RunFinished, RunStatus, RunStatusChanged } from '../model.ts';
import { builder } from './builder.ts';
import { type Context, readUpToDate } from './context.ts';
import { DagRunRef, runById } from './dagRun.ts';
import { forgetLoaded } from './loader.ts';
import { NodeExecutionRef, nodeByKey } from './nodeExecution.ts';
import { UNKNOWN, type Unknown } from './status.ts';
import { UserErrorRef, userErrorsOf } from './userError.ts';

/** An event as a client may put it: with any status that can be shown. */
export type EventDraft =
  | Exclude<RunEvent, RunStatusChanged | RunFinished>
  | WithShownStatus<RunStatusChanged>
  | WithShownStatus<RunFinished>;

type WithShownStatus<Event> = Omit<Event, 'status'> & { readonly status: RunStatus | Unknown };

/** Records a batch: all of it or nothing. Whatever the context has loaded before is forgotten. */
export async function record(drafts: readonly EventDraft[], context: Context): Promise<Recorded> {
  const { store, budget } = context;
  if (context.isAnew && context.recorded) return context.recorded;
  budget.checkTime();
  const events = drafts.filter(isRecordable);
  if (events.length < drafts.length) return { ok: false, refusals: drafts.flatMap(unknownStatus) };
  context.recorded = store.record(events);
  const recorded = await context.recorded;
  readUpToDate(context);
  forgetLoaded(context);
  return recorded;
}

/** What came of the events of one input. */
interface Outcome<Input> {
  readonly input: Input;
  readonly recorded: Recorded;
}

/** Records what an input says has happened, in one transaction. */
export async function outcome<Input>(
  input: Input,
  drafts: readonly EventDraft[],
  context: Context,
): Promise<Outcome<Input>> {
  return { input, recorded: await record(drafts, context) };
}

/** Declares the payload of a mutation that touches a run. */
export function runPayload(name: string) {
  return declarePayload<{ readonly runId: string }>(name);
}

/** Declares the payload of a mutation that touches a node and its run. */
export function nodePayload(name: string) {
  const payload = declarePayload<NodeKey>(name);
  builder.objectField(payload, 'node', (t) =>
    t.field({
      type: NodeExecutionRef,
      nullable: true,
      description: 'The node as it is now; null if nothing was recorded because of errors.',
      resolve: ({ input, recorded }, _, context) =>
        recorded.ok ? nodeByKey(context).load({ runId: input.runId, nodeLabel: input.nodeLabel }) : null,
    }),
  );
  return payload;
}

function declarePayload<Input extends { readonly runId: string }>(name: string) {
  return builder.objectRef<Outcome<Input>>(name).implement({
    description: 'What came of a mutation.',
    fields: (t) => ({
      run: t.field({
        type: DagRunRef,
        nullable: true,
        description: 'The run as it is now; null if nothing was recorded because of errors.',
        resolve: ({ input, recorded }, _, context) => (recorded.ok ? runById(context).load(input.runId) : null),
      }),
      changed: t.boolean({
        description: 'Whether it changed anything; false if the same was recorded before, or if there are errors.',
        resolve: ({ recorded }) => recorded.ok && recorded.changed.includes(true),
      }),
      userErrors: t.field({
        type: [UserErrorRef],
        description: 'Why nothing was recorded; empty if it was.',
        // The input may have become several events, and need not have every field of theirs.
        resolve: ({ input, recorded }) =>
          userErrorsOf(recorded, ({ path: [field, ...rest] }) =>
            field !== undefined && field in input ? [field, ...rest] : [],
          ),
      }),
    }),
  });
}

function isRecordable(draft: EventDraft): draft is RunEvent {
  return !('status' in draft) || draft.status !== UNKNOWN;
}

function unknownStatus(draft: EventDraft, event: number): Refusal[] {
  if (isRecordable(draft)) return [];
  const message =
    'status cannot be UNKNOWN: that is how stored words are shown which are no status of ours. Give another one.';
  return [{ code: 'INVALID_INPUT', message, event, path: ['status'] }];
}
