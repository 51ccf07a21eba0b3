import type { Recorded } from '../model.ts';
import { builder } from './builder.ts';
import {
  CreateRunInputRef,
  FinishRunInputRef,
  runCreated,
  runFinished,
  runStatusChanged,
  UpdateRunStatusInputRef,
} from './dagRunMutations.ts';
import { edgeTraversed, RecordEdgeTraversalInputRef } from './edgeTraversalMutations.ts';
import { INPUT } from './inputs.ts';
import {
  CompleteNodeWithEdgesInputRef,
  nodeCompleted,
  nodeFailed,
  nodeSkipped,
  nodeStarted,
  RecordNodeFailedInputRef,
  RecordNodeSkippedInputRef,
  RecordNodeStartInputRef,
} from './nodeExecutionMutations.ts';
import { type EventDraft, record } from './recording.ts';
import { mapInTurns } from './turns.ts';
import { UserErrorRef, userErrorsOf } from './userError.ts';

const RunEventInputRef = builder.inputType('RunEventInput', {
  description: 'One thing that has happened: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    runCreated: t.field({ type: CreateRunInputRef, description: 'A run has begun.' }),
    runStatusChanged: t.field({ type: UpdateRunStatusInputRef, description: 'A run has paused, or goes on.' }),
    runFinished: t.field({ type: FinishRunInputRef, description: 'A run has ended.' }),
    nodeStarted: t.field({ type: RecordNodeStartInputRef, description: 'A node has started.' }),
    nodeCompleted: t.field({
      type: CompleteNodeWithEdgesInputRef,
      description: 'A node has completed, and its output went along edges.',
    }),
    nodeFailed: t.field({ type: RecordNodeFailedInputRef, description: 'A node has failed.' }),
    nodeSkipped: t.field({
      type: RecordNodeSkippedInputRef,
      description: 'A node is not run, since a replay has taken its output from an earlier run.',
    }),
    edgeTraversed: t.field({ type: RecordEdgeTraversalInputRef, description: 'Data went along an edge.' }),
  }),
});

const RecordEventsInputRef = builder.inputType('RecordEventsInput', {
  description: 'Many things that have happened.',
  fields: (t) => ({
    events: t.field({ type: [RunEventInputRef], required: true, description: 'What has happened, in this order.' }),
  }),
});

interface EventsOutcome {
  readonly drafts: readonly EventDraft[];
  readonly recorded: Recorded;
}

const RecordEventsPayloadRef = builder.objectRef<EventsOutcome>('RecordEventsPayload').implement({
  description: 'What came of a batch of events.',
  fields: (t) => ({
    recorded: t.int({
      description: 'How many events changed something; 0 if there are errors.',
      resolve: ({ recorded }) => countOf(true, recorded),
    }),
    unchanged: t.int({
      description: 'How many events were recorded before and changed nothing; 0 if there are errors.',
      resolve: ({ recorded }) => countOf(false, recorded),
    }),
    userErrors: t.field({
      type: [UserErrorRef],
      description: 'Why nothing was recorded; empty if all of it was.',
      resolve: ({ drafts, recorded }) =>
        userErrorsOf(recorded, ({ event, path }) => ['events', String(event), drafts[event]?.type ?? '', ...path]),
    }),
  }),
});

builder.mutationField('recordEvents', (t) =>
  t.field({
    type: RecordEventsPayloadRef,
    description: 'Records any number of events in one transaction: all are on disk when it answers, or none is.',
    args: { input: t.arg({ type: RecordEventsInputRef, required: true, description: INPUT }) },
    resolve: async (_, { input }, context) => {
      const drafts = await mapInTurns(input.events, draftOf, context.turns);
      return { drafts, recorded: await record(drafts, context) };
    },
  }),
);

function draftOf(event: typeof RunEventInputRef.$inferInput): EventDraft {
  if (event.runCreated) return runCreated(event.runCreated);
  if (event.runStatusChanged) return runStatusChanged(event.runStatusChanged);
  if (event.runFinished) return runFinished(event.runFinished);
  if (event.nodeStarted) return nodeStarted(event.nodeStarted);
  if (event.nodeCompleted) return nodeCompleted(event.nodeCompleted);
  if (event.nodeFailed) return nodeFailed(event.nodeFailed);
  if (event.nodeSkipped) return nodeSkipped(event.nodeSkipped);
  return edgeTraversed(event.edgeTraversed);
}

function countOf(changed: boolean, recorded: Recorded): number {
  return recorded.ok ? recorded.changed.filter((each) => each === changed).length : 0;
}
