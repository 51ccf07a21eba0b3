import { builder } from './builder.ts';
import { AT, INPUT, NODE_LABEL, RUN_ID } from './inputs.ts';
import { type EventDraft, nodePayload, outcome } from './recording.ts';

export const RecordNodeStartInputRef = builder.inputType('RecordNodeStartInput', {
  description: 'A node has started, for the first time or again after a restart.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    inputJson: t.string({ description: 'Its input, as JSON; absent if it has none.' }),
    isSource: t.boolean({
      defaultValue: false,
      description: "Whether it gets its input from the run's source inputs.",
    }),
    isSink: t.boolean({ defaultValue: false, description: "Whether its output will be among the run's sink outputs." }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

/** Completes a node without edges, as older recorders do, which record them on their own. */
const RecordNodeCompleteInputRef = builder.inputType('RecordNodeCompleteInput', {
  description: 'A node has completed.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    outputJson: t.string({ description: 'Its output, as JSON; absent if it has none.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export const RecordNodeFailedInputRef = builder.inputType('RecordNodeFailedInput', {
  description: 'A node has failed.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    error: t.string({ required: true, description: 'What went wrong, such as a full traceback.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export const RecordNodeSkippedInputRef = builder.inputType('RecordNodeSkippedInput', {
  description: 'A node is not run, since a replay has taken its output from an earlier run.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    outputJson: t.string({ description: 'The output taken over, as JSON; absent if there is none.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

const EdgeInputRef = builder.inputType('EdgeInput', {
  description: 'An edge that data went along.',
  fields: (t) => ({
    upstreamLabel: t.string({ required: true, description: 'The label of the node that gave the data.' }),
    downstreamLabel: t.string({ required: true, description: 'The label of the node that got the data.' }),
  }),
});

export const CompleteNodeWithEdgesInputRef = builder.inputType('CompleteNodeWithEdgesInput', {
  description: 'A node has completed, and its output went along edges.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    outputJson: t.string({ description: 'Its output, as JSON; absent if it has none.' }),
    edges: t.field({ type: [EdgeInputRef], required: true, description: 'The edges that its output went along.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

const FailNodeAndFinishRunInputRef = builder.inputType('FailNodeAndFinishRunInput', {
  description: 'A node has failed, and its run with it.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    nodeLabel: t.string({ required: true, description: NODE_LABEL }),
    error: t.string({ required: true, description: 'What went wrong, such as a full traceback.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export function nodeStarted(input: typeof RecordNodeStartInputRef.$inferInput): EventDraft {
  return { type: 'nodeStarted', ...input, isSource: input.isSource ?? false, isSink: input.isSink ?? false };
}

export function nodeCompleted(
  input: typeof CompleteNodeWithEdgesInputRef.$inferInput | typeof RecordNodeCompleteInputRef.$inferInput,
): EventDraft {
  return { type: 'nodeCompleted', ...input };
}

export function nodeFailed(input: typeof RecordNodeFailedInputRef.$inferInput): EventDraft {
  return { type: 'nodeFailed', ...input };
}

export function nodeSkipped(input: typeof RecordNodeSkippedInputRef.$inferInput): EventDraft {
  return { type: 'nodeSkipped', ...input };
}

builder.mutationFields((t) => ({
  recordNodeStart: t.field({
    type: nodePayload('RecordNodeStartPayload'),
    description: 'Records that a node has started. It is RUNNING.',
    args: { input: t.arg({ type: RecordNodeStartInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [nodeStarted(input)], context),
  }),
  recordNodeComplete: t.field({
    type: nodePayload('RecordNodeCompletePayload'),
    description: 'Records that a node has completed.',
    args: { input: t.arg({ type: RecordNodeCompleteInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [nodeCompleted(input)], context),
  }),
  recordNodeFailed: t.field({
    type: nodePayload('RecordNodeFailedPayload'),
    description: 'Records that a node has failed.',
    args: { input: t.arg({ type: RecordNodeFailedInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [nodeFailed(input)], context),
  }),
  recordNodeSkipped: t.field({
    type: nodePayload('RecordNodeSkippedPayload'),
    description: 'Records that a replay has taken the output of a node from an earlier run. It is SKIPPED.',
    args: { input: t.arg({ type: RecordNodeSkippedInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [nodeSkipped(input)], context),
  }),
  completeNodeWithEdges: t.field({
    type: nodePayload('CompleteNodeWithEdgesPayload'),
    description: 'Records that a node has completed and which edges its output went along: both, or neither.',
    args: { input: t.arg({ type: CompleteNodeWithEdgesInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [nodeCompleted(input)], context),
  }),
  failNodeAndFinishRun: t.field({
    type: nodePayload('FailNodeAndFinishRunPayload'),
    description: 'Records that a node has failed and its run with it: both, or neither.',
    args: { input: t.arg({ type: FailNodeAndFinishRunInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => {
      const { runId, at } = input;
      const runFailed: EventDraft = { type: 'runFinished', runId, status: 'failed', at };
      return outcome(input, [nodeFailed(input), runFailed], context);
    },
  }),
}));
