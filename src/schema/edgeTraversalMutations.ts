import { builder } from './builder.ts';
import { AT, INPUT, RUN_ID } from './inputs.ts';
import { type EventDraft, outcome, runPayload } from './recording.ts';

export const RecordEdgeTraversalInputRef = builder.inputType('RecordEdgeTraversalInput', {
  description: 'Data went from one node of a run to another.',
  fields: (t) => ({
    runId: t.id({ required: true, description: RUN_ID }),
    upstreamLabel: t.string({ required: true, description: 'The label of the node that gave the data.' }),
    downstreamLabel: t.string({ required: true, description: 'The label of the node that got the data.' }),
    at: t.field({ type: 'DateTime', description: AT }),
  }),
});

export function edgeTraversed(input: typeof RecordEdgeTraversalInputRef.$inferInput): EventDraft {
  return { type: 'edgeTraversed', ...input };
}

builder.mutationField('recordEdgeTraversal', (t) =>
  t.field({
    type: runPayload('RecordEdgeTraversalPayload'),
    description: 'Records that data went along an edge.',
    args: { input: t.arg({ type: RecordEdgeTraversalInputRef, required: true, description: INPUT }) },
    resolve: (_, { input }, context) => outcome(input, [edgeTraversed(input)], context),
  }),
);
