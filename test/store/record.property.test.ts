import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Recorded, RUN_STATUSES, type RunEvent } from '../../src/model.ts';
import type { Store } from '../../src/store/store.ts';
import { ReferenceModel } from './referenceModel.ts';
import { type BackEnd, OWNED } from './subjects.ts';

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
const history = fc
  .tuple(fc.subarray(['r', 's'], { minLength: 0 }), fc.array(batch, { maxLength: 60, size: 'max' }))
  .map(([created, batches]) => [
    ...created.map((id): RunEvent[] => [{ type: 'runCreated', runId: id, dagNsref: 'd', sourceInputsJson: '{}' }]),
    ...batches,
  ]);

/** What the histories of a test met, as `event outcome`: random tests are worth what they reach. */
const ALL_MET = [
  'runCreated changed',
  'runCreated unchanged',
  'runCreated CONFLICT',
  'runCreated PARENT_NOT_FOUND',
  'runStatusChanged changed',
  'runStatusChanged unchanged',
  'runStatusChanged RUN_NOT_FOUND',
  'runStatusChanged INVALID_TRANSITION',
  'runFinished changed',
  'runFinished unchanged',
  'runFinished CONFLICT',
  'nodeStarted changed',
  'nodeStarted unchanged',
  'nodeStarted CONFLICT',
  'nodeStarted INVALID_TRANSITION',
  'nodeCompleted changed',
  'nodeCompleted unchanged',
  'nodeCompleted CONFLICT',
  'nodeCompleted INVALID_TRANSITION',
  'nodeCompleted NODE_NOT_FOUND',
  'nodeFailed changed',
  'nodeFailed unchanged',
  'nodeFailed CONFLICT',
  'nodeFailed INVALID_TRANSITION',
  'nodeSkipped changed',
  'nodeSkipped unchanged',
  'nodeSkipped CONFLICT',
  'nodeSkipped INVALID_TRANSITION',
  'edgeTraversed changed',
  'edgeTraversed unchanged',
  'edgeTraversed NODE_NOT_FOUND',
];

function outcomes(recorded: Recorded, events: readonly RunEvent[]): string[] | Map<number, string> {
  if (recorded.ok) return events.map((_, i) => (recorded.changed[i] ? 'changed' : 'unchanged'));
  return new Map(recorded.refusals.map(({ event: index, code }) => [index, code]));
}

function expected(answers: string[]): string[] | Map<number, string> {
  const refused = [...answers.entries()].filter(([, answer]) => answer === answer.toUpperCase());
  return refused.length ? new Map(refused) : answers;
}

async function inNewStore(open: BackEnd['open'], work: (store: Store) => Promise<void>): Promise<void> {
  const subject = await open();
  try {
    await work(subject.store);
  } finally {
    await subject.dispose();
  }
}

async function holdAgainst(store: Store, model: ReferenceModel): Promise<void> {
  const ids = ['r', 's', 't'];
  const runs = await store.runsByIds(ids);
  const payloads = new Map((await store.runPayloads(ids)).map((row) => [row.runId, row]));
  const nodes = await store.nodesByRuns(ids, {}, 1_000);
  const keys = nodes.map(({ runId: id, nodeLabel }) => ({ runId: id, nodeLabel }));
  const nodePayloads = new Map(
    (await store.nodePayloads(keys)).map((row) => [JSON.stringify([row.runId, row.nodeLabel]), row]),
  );
  const edges = await store.edgesByRuns(ids, 1_000);
  const found = runs.map((run) => ({
    id: run.runId,
    nsref: run.dagNsref,
    parent: run.parentRunId,
    initiator: run.initiatedBy,
    status: run.status,
    ended: run.finishedAt !== null,
    inputs: payloads.get(run.runId)?.inputJson,
    outputs: payloads.get(run.runId)?.outputJson,
    edges: edges
      .filter((row) => row.runId === run.runId)
      .map((row) => JSON.stringify([row.upstreamLabel, row.downstreamLabel]))
      .toSorted(),
    nodes: nodes
      .filter((node) => node.runId === run.runId)
      .map((node) => {
        const io = nodePayloads.get(JSON.stringify([node.runId, node.nodeLabel]));
        return [node.nodeLabel, node.status, node.isSource, node.isSink, node.error, io?.inputJson, io?.outputJson];
      })
      .toSorted(),
  }));
  const wanted = [...model.runs].map(([id, run]) => ({
    id,
    nsref: run.nsref,
    parent: run.parent,
    initiator: run.initiator,
    status: run.status,
    ended: ['completed', 'failed', 'cancelled'].includes(run.status),
    inputs: run.inputs,
    outputs: run.outputs,
    edges: [...run.edges].toSorted(),
    nodes: [...run.nodes]
      .map(([nodeLabel, node]) => [nodeLabel, node.status, node.source, node.sink, node.error, node.input, node.output])
      .toSorted(),
  }));
  const byId = (x: { id: string }, y: { id: string }): number => (x.id < y.id ? -1 : 1);
  expect(found.toSorted(byId)).toEqual(wanted.toSorted(byId));
}

const met = new Set<string>();

describe.each(OWNED)('An $name', ({ open, histories }) => {
  test('does with any history of batches what the rules say', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        await inNewStore(open, async (store) => {
          const model = new ReferenceModel();
          for (const events of batches) {
            const answers = model.record(events);
            expect(outcomes(await store.record(events), events)).toEqual(expected(answers));
            for (const [index, { type }] of events.entries()) met.add(`${type} ${answers[index]}`);
          }
          await holdAgainst(store, model);
        });
      }),
      { numRuns: histories },
    );
  }, 60_000);

  test('gives callers who arrive together what they would have got one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        await inNewStore(open, async (store) => {
          const model = new ReferenceModel();
          const recorded = await Promise.all(batches.map((events) => store.record(events)));
          for (const [i, events] of batches.entries()) {
            const answer = recorded[i];
            expect(answer && outcomes(answer, events)).toEqual(expected(model.record(events)));
          }
          await holdAgainst(store, model);
        });
      }),
      { numRuns: histories },
    );
  }, 60_000);
});

test('the histories met everything that can become of an event', () => {
  expect([...met]).toEqual(expect.arrayContaining(ALL_MET));
});
