import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recorded, RunEvent } from '../../src/model.ts';
import type { Store } from '../../src/store/store.ts';
import { history } from './histories.ts';
import { ReferenceModel } from './referenceModel.ts';
import { type BackEnd, OWNED } from './subjects.ts';

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
