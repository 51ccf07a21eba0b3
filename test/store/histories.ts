import fc from 'fast-check';
import { RUN_STATUSES, type RunEvent } from '../../src/model.ts';

/** Random histories over few names, so that events meet: repeats, contradictions, restarts, trees, batches of all of them. */

const runId = fc.constantFrom('r', 'r', 'r', 's', 't');
const label = fc.constantFrom('a', 'a', '');
const payload = fc.constantFrom('1', '2');
const status = fc.constantFrom(...RUN_STATUSES);
const edge = fc.record({ upstreamLabel: label, downstreamLabel: label });
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({
    type: fc.constant('runCreated' as const),
    runId,
    dagNsref: fc.constantFrom('d', 'd/a[0]'),
    sourceInputsJson: fc.constantFrom('{}', '{"x": 1}'),
    parentRunId: fc.option(runId),
    initiatedBy: fc.option(fc.constant('ada')),
  }),
  fc.record({
    type: fc.constant('runStatusChanged' as const),
    runId,
    status: fc.constantFrom('running' as const, 'paused' as const),
  }),
  fc
    .record({ type: fc.constant('runFinished' as const), runId, status, sinkOutputsJson: fc.option(payload) })
    .filter((finished) => finished.status !== 'running' && finished.status !== 'paused'),
  fc.record({
    type: fc.constant('nodeStarted' as const),
    runId,
    nodeLabel: label,
    inputJson: fc.option(payload),
    isSink: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('nodeCompleted' as const),
    runId,
    nodeLabel: label,
    outputJson: payload,
    edges: fc.array(edge, { maxLength: 1 }),
  }),
  fc.record({
    type: fc.constant('nodeFailed' as const),
    runId,
    nodeLabel: label,
    error: fc.constantFrom('boom', 'bang'),
  }),
  fc.record({ type: fc.constant('nodeSkipped' as const), runId, nodeLabel: label, outputJson: fc.option(payload) }),
  fc.record({ type: fc.constant('edgeTraversed' as const), runId, upstreamLabel: label, downstreamLabel: label }),
);
/** Histories begin with a run as a rule, and most batches are short: one refused event takes all others of its batch along. */
const batch = fc.oneof(
  { weight: 4, arbitrary: event.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(event, { maxLength: 4 }) },
);
/** Batches of events, one after the other. */
export const history = fc
  .tuple(fc.subarray(['r', 's'], { minLength: 0 }), fc.array(batch, { maxLength: 60, size: 'max' }))
  .map(([created, batches]) => [
    ...created.map((id): RunEvent[] => [{ type: 'runCreated', runId: id, dagNsref: 'd', sourceInputsJson: '{}' }]),
    ...batches,
  ]);
