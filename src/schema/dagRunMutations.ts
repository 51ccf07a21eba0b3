import { builder } from './builder.ts';
import { AT, INPUT, RUN_ID } from './inputs.ts';
import { type EventDraft, outcome, runPayload } from './recording.ts';
import { DagRunStatusRef } from './status.ts';

export const CreateRunInputRef = builder.inputType('CreateRunInput', {
  description: 'A run has begun.',
  fields: (t) => ({
    runId: t.id({ required: true, description: 'The id of the new run: any text that no other run has.' }),
    dagNsref: t.string({
      required: true,
      description: "Name of the DAG; for a sub-run the parent's, a slash, and the expansion key.",
    }),
    sourceInputsJson: t.string({ defaultValue: '{}', description: 'Its source inputs, as JSON.' }),
    parentRunId: t.id({ description: 'The runId of the run that started it; absent for a root.' }),
    initiatedBy: t.string({
      description: "Who or what asked for it, such as a user's id or scheduler; the parent's if absent.",
    }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export const UpdateRunStatusInputRef = builder.inputType('UpdateRunStatusInput', {
  description: 'A run has paused, or goes on after a pause or a failure.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    status: t.field({ type: DagRunStatusRef, required: true, description: 'What it is now: PAUSED or RUNNING.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export const FinishRunInputRef = builder.inputType('FinishRunInput', {
  description: 'A run has ended.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    status: t.field({
      type: DagRunStatusRef,
      required: true,
      description: 'How it has ended: COMPLETED, FAILED or CANCELLED.',
    }),
    sinkOutputsJson: t.string({ description: 'Its sink outputs, as JSON; absent if it has none.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export function runCreated(input: typeof CreateRunInputRef.$inferInput): EventDraft {
  return { type: 'runCreated', ...input, sourceInputsJson: input.sourceInputsJson ?? '{}' };
}

export function runStatusChanged(input: typeof UpdateRunStatusInputRef.$inferInput): EventDraft {
  return { type: 'runStatusChanged', ...input };
}

export function runFinished(input: typeof FinishRunInputRef.$inferInput): EventDraft {
  return { type: 'runFinished', ...input };
}

builder.mutationFields((t) => ({
  createRun: t.field({
    type: runPayload('CreateRunPayload'),
    description: 'Records that a run has begun. It is RUNNING.',
    args: { input: t.arg({ type: CreateRunInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [runCreated(input)], context),
  }),
  updateRunStatus: t.field({
    type: runPayload('UpdateRunStatusPayload'),
    description: 'Records that a run has paused, or that a paused or failed one goes on: a restart.',
    args: { input: t.arg({ type: UpdateRunStatusInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [runStatusChanged(input)], context),
  }),
  finishRun: t.field({
    type: runPayload('FinishRunPayload'),
    description: 'Records that a run has ended.',
    args: { input: t.arg({ type: FinishRunInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [runFinished(input)], context),
  }),
}));
