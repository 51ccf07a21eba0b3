import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { copyTrees } from '../../../src/store/copy/copy.ts';
import type { Problem } from '../../../src/store/copy/tally.ts';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, failed, finished, restarted, started, traversed } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { LythonicWriter } from '../../support/lythonicWriter.ts';
import { OWNED, type Subject } from '../subjects.ts';
import { everythingIn, historyIn } from './everything.ts';

let folder: string;
let source: Store;
let problems: Problem[];

beforeEach(async () => {
  folder = await temporaryFolder();
  source = await openSqliteStore(join(folder, 'source.db'));
  problems = [];
});
afterEach(async () => {
  await source.close();
  await rm(folder, { recursive: true });
});

const onProblem = (problem: Problem): void => {
  problems.push(problem);
};

const record = async (store: Store, ...events: RunEvent[]): Promise<void> => {
  expect(await store.record(events)).toMatchObject({ ok: true });
};

/** A tree of a root with this many sub-runs, each with a node. */
function fanOut(root: string, width: number, payload = '1'): RunEvent[] {
  const parts = Array.from({ length: width }, (_, i): RunEvent[] => [
    created(`${root}.${i}`, { dagNsref: `pipelines:daily/each[${i}]`, parentRunId: root }),
    started(`${root}.${i}`, 'load', { inputJson: payload }),
    completed(`${root}.${i}`, 'load', { outputJson: payload }),
    finished(`${root}.${i}`),
  ]);
  return [created(root), started(root, 'each'), ...parts.flat(), completed(root, 'each'), finished(root)];
}

describe.each(OWNED)('A copy in an $name', (backEnd) => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await backEnd.open();
  });
  afterEach(() => subject.dispose());

  const copy = (options = {}) => copyTrees(source, subject.store, { onProblem, ...options });
  const expectSame = async (): Promise<void> => {
    expect(await everythingIn(subject.store)).toEqual(await everythingIn(source));
    expect(await historyIn(subject.store)).toEqual(await historyIn(source));
  };

  test('says what it has written and read back', async () => {
    await record(source, ...fanOut('r', 3, '"é"'), created('s'));
    expect(await copy()).toMatchObject({
      treesInAll: 2,
      copied: 2,
      unchanged: 0,
      failed: 0,
      runs: 5,
      nodes: 4,
      edges: 0,
      payloads: 5 + 6,
      payloadBytes: 5 * 2 + 6 * 4,
      problems: 0,
      isStopped: false,
    });
    await expectSame();
  });

  test('is brought up to date when it is made again, and passes over what has not changed', async () => {
    await record(source, created('r'), started('r', 'a'), created('s'));
    await copy();
    await record(source, completed('r', 'a', { outputJson: '2' }), started('r', 'b'), finished('r'));
    expect(await copy()).toMatchObject({ copied: 1, unchanged: 1, runs: 1, nodes: 2 });
    await expectSame();
    expect(await copy()).toMatchObject({ copied: 0, unchanged: 2, runs: 0, nodes: 0, payloads: 0 });
  });

  test('keeps the attempts that were copied when the source begins new ones', async () => {
    await record(source, created('r'), started('r', 'a'), failed('r', 'a'), finished('r', { status: 'failed' }));
    await copy();
    for (const error of ['second', 'third']) {
      await record(source, restarted('r'), started('r', 'a', { inputJson: '3' }), failed('r', 'a', { error }));
      await record(source, finished('r', { status: 'failed' }));
    }
    expect(await copy()).toMatchObject({ attempts: 2 });
    await expectSame();
  });

  test('goes on by events like any other run', async () => {
    await record(source, created('r'), started('r', 'a'));
    await copy();
    await record(subject.store, completed('r', 'a', { outputJson: '1' }), finished('r'));
    expect(await subject.store.nodeCounts(['r'])).toEqual([{ runId: 'r', status: 'completed', count: 1 }]);
    expect(problems).toEqual([]);
  });

  test('is told to those who follow the tree, and their cursors in the source lead past nothing', async () => {
    await record(source, created('r'), started('r', 'a'));
    await record(source, completed('r', 'a'));
    const before = (await source.treeChanges('r', null, 100))?.cursor ?? '';
    await copy();
    await record(source, finished('r'));
    await copy();
    const changes = await subject.store.treeChanges('r', before, 100);
    expect(changes).toMatchObject({ reset: false, ended: true, runs: [{ runId: 'r', status: 'completed' }] });
    expect(await subject.store.runChanges('0', 100)).toMatchObject({ runs: [{ runId: 'r' }] });
  });

  test('has only the trees of some runs, wherever in them they are, or those that started since', async () => {
    await record(source, created('old', { at: 10 }), created('below', { at: 90, parentRunId: 'old' }));
    await record(source, created('new', { at: 50 }), created('newest', { at: 60 }));
    const ids = async () => (await subject.store.runPage({}, { limit: 9 })).map(({ runId }) => runId);
    await copy({ since: 55 });
    expect(await ids()).toEqual(['newest']);
    await copy({ runIds: ['below', 'old'] });
    expect(await ids()).toEqual(['below', 'newest', 'old']);
    await expect(copy({ runIds: ['old', 'nope'] })).rejects.toThrow(/no run nope/);
  });

  test('leaves a tree alone in which the target has recorded events, tells it, and copies the others', async () => {
    await record(source, created('r'), created('s'));
    await copy();
    await record(subject.store, started('r', 'mine'));
    await record(source, started('r', 'a'), started('s', 'a'));
    expect(await copy()).toMatchObject({ copied: 1, failed: 1, problems: 1 });
    expect(problems).toEqual([{ code: 'CONFLICT', rootRunId: 'r', message: expect.any(String) }]);
    expect(await subject.store.nodeLabels(['r', 's'], 9)).toEqual(
      expect.arrayContaining([
        { runId: 'r', nodeLabel: 'mine' },
        { runId: 's', nodeLabel: 'a' },
      ]),
    );
  });

  test('leaves a run alone that was recorded there and not copied, even if only the source has gone on', async () => {
    await record(subject.store, created('r', { at: 5 }));
    await record(source, created('r', { at: 5 }));
    expect(await copy()).toMatchObject({ unchanged: 1, problems: 0 });
    await record(source, finished('r', { at: 6 }));
    expect(await copy()).toMatchObject({ failed: 1 });
    expect(await subject.store.runsByIds(['r'])).toMatchObject([{ status: 'running' }]);
  });

  test.each<[string, RunEvent]>([
    ['another name', created('r', { at: 5, dagNsref: 'other' })],
    ['another start', created('r', { at: 6 })],
    ['other source inputs', created('r', { at: 5, sourceInputsJson: '[1]' })],
    ['another initiator', created('r', { at: 5, initiatedBy: 'ada' })],
  ])('does not take a run with the same id and %s for the same run', async (_, other) => {
    await record(subject.store, other);
    await record(source, created('r', { at: 5 }), created('s'));
    expect(await copy()).toMatchObject({ copied: 1, failed: 1 });
    expect(problems).toMatchObject([{ code: 'CONFLICT', rootRunId: 'r' }]);
  });

  test('of a large tree takes many transactions, and shows nothing of it until all of it is there', async () => {
    await record(
      source,
      ...fanOut('r', 1_500),
      ...Array.from({ length: 6_000 }, (_, i) => traversed('r', 'each', `${i}`)),
    );
    const seen = new Set<number>();
    await copy({
      onProgress: async () => seen.add((await subject.store.runPage({}, { limit: 5_000 })).length),
    });
    await new Promise(setImmediate);
    expect([...seen]).toEqual([0, 1_501]);
    await expectSame();
  });

  test('that is stopped in the middle of a tree shows nothing of it, and the next one goes on from there', async () => {
    await record(
      source,
      ...fanOut('r', 1_500),
      ...Array.from({ length: 6_000 }, (_, i) => traversed('r', 'each', `${i}`)),
    );
    const stop = new AbortController();
    const stopped = await copy({ signal: stop.signal, onProgress: () => stop.abort() });
    expect(stopped).toMatchObject({ isStopped: true, copied: 0 });
    expect(stopped.nodes + stopped.edges).toBeGreaterThan(0);
    expect(await subject.store.runPage({}, { limit: 9 })).toEqual([]);
    const rest = await copy();
    expect(rest).toMatchObject({ isStopped: false, copied: 1, problems: 0 });
    expect(rest.nodes + stopped.nodes).toBe(1_501);
    expect(rest.edges + stopped.edges).toBe(6_000);
    await expectSame();
    const end = await subject.store.treeChanges('r', null, 100_000);
    expect(end).toMatchObject({ more: false });
    expect(end?.nodes).toHaveLength(1_501);
  });

  test('holds payloads that are larger than what is written at once', async () => {
    const large = JSON.stringify('x'.repeat(3_000_000));
    await record(source, ...fanOut('r', 6, large));
    expect(await copy()).toMatchObject({ copied: 1, problems: 0 });
    await expectSame();
  });

  test('can be checked text by text: what was altered to the same length is found', async () => {
    await record(source, created('r'), started('r', 'a', { inputJson: '1' }), completed('r', 'a', { outputJson: '1' }));
    await copy();
    const db = new Connection(join(folder, 'source.db'));
    db.run("UPDATE node_payloads SET output_json = '2'");
    db.close();
    expect(await copy()).toMatchObject({ unchanged: 1 });
    expect(await copy({ thorough: true })).toMatchObject({ copied: 1, nodes: 1 });
    await expectSame();
  });
});

describe('A file of lythonic', () => {
  let writer: LythonicWriter;
  let lythonic: Store;
  let subject: Subject;
  beforeEach(async () => {
    writer = new LythonicWriter(join(folder, 'dags.db'));
    lythonic = await openLythonicStore(join(folder, 'dags.db'));
  });
  afterEach(async () => {
    await lythonic.close();
    writer.close();
    await subject.dispose();
  });

  test.each(OWNED)('that holds what no events tell is the same in an $name', async (backEnd) => {
    subject = await backEnd.open();
    const odd = `
      INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, status, started_at, finished_at) VALUES
        ('orphan', 'd/a[0]', 'gone', 'running', 1.1, 0.5), ('below', 'd/a[0]/b[]', 'orphan', 'QUEUED', 1.2, NULL),
        ('ended', 'e', NULL, 'cancelled', 2.1, NULL), ('late', 't', NULL, '', 2.2, 1e300), ('self', 's', 'self', 'running ', 3, NULL);
      INSERT INTO node_executions (run_id, node_label, status, started_at, finished_at, error, input_json, output_json) VALUES
        ('orphan', '', 'pending', NULL, NULL, NULL, NULL, NULL), ('orphan', 'a[0]' || char(0) || 'é', 'odd', 5, 4, 'E' || char(0), '{', ''),
        ('below', '__proto__', 'running', 0.1, NULL, '', 'NaN', NULL);
      INSERT INTO edge_traversals VALUES ('orphan', 'x', 'y', 0.30000000000000004), ('late', '', '', 0)`;
    writer.db.exec(odd);
    expect(await copyTrees(lythonic, subject.store, { onProblem })).toMatchObject({
      treesInAll: 4,
      copied: 4,
      problems: 0,
    });
    expect(await everythingIn(subject.store)).toEqual(await everythingIn(lythonic));
    expect(await subject.store.treeChanges('orphan', null, 100)).toMatchObject({ runs: [{}, {}], nodes: [{}, {}, {}] });
    expect(await copyTrees(lythonic, subject.store, { onProblem })).toMatchObject({ unchanged: 4 });
    await record(subject.store, finished('orphan'));
    expect(await subject.store.treeChanges('orphan', '1', 100)).toMatchObject({ runs: [{ status: 'completed' }] });
  });

  test('with parents in a circle is the same in an owned SQLite file', async () => {
    subject = await (OWNED[0] ?? expect.fail()).open();
    writer.db.exec(`
      INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, status, started_at) VALUES
        ('one', 'o', 'two', 'running', 1), ('two', 't', 'one', 'running', 2), ('below', 't/a[]', 'two', 'running', 3)`);
    expect(await copyTrees(lythonic, subject.store, { onProblem })).toMatchObject({
      treesInAll: 2,
      copied: 2,
      runs: 3,
    });
    expect(problems).toEqual([]);
    expect(await everythingIn(subject.store)).toEqual(await everythingIn(lythonic));
  });

  test.each(OWNED)('that is written meanwhile is the same in an $name in the end', async (backEnd) => {
    subject = await backEnd.open();
    for (let round = 0; round < 10; round++) {
      const runId = `r${round}`;
      const copying = copyTrees(lythonic, subject.store, { onProblem });
      writer.writeAll([created(runId), started(runId, 'a'), created(`${runId}.0`, { parentRunId: runId })]);
      await new Promise(setImmediate);
      writer.writeAll([completed(runId, 'a', { outputJson: '1' }), finished(`${runId}.0`)]);
      await copying;
      writer.writeAll([finished(runId)]);
    }
    await copyTrees(lythonic, subject.store, { onProblem });
    expect(problems).toEqual([]);
    expect(await everythingIn(subject.store)).toEqual(await everythingIn(lythonic));
  });

  test('has rows that no read shows: they are counted and told, unless only some trees are copied', async () => {
    subject = await (OWNED[0] ?? expect.fail()).open();
    writer.db.exec(`
      INSERT INTO dag_runs (run_id, dag_nsref, status, started_at) VALUES ('r', 'd', 'running', 1), (x'00', 'd', 'running', 1);
      INSERT INTO node_executions (run_id, node_label, status) VALUES ('r', 'a', 'running'), ('gone', 'a', 'running'), ('r', x'00', 'running');
      INSERT INTO edge_traversals VALUES ('gone', 'a', 'b', 1), ('r', 'a', x'00', 1), ('r', 'a', 'b', 1)`);
    expect(await copyTrees(lythonic, subject.store, { runIds: ['r'], onProblem })).toMatchObject({ problems: 0 });
    expect(await copyTrees(lythonic, subject.store, { onProblem })).toMatchObject({ unchanged: 1, problems: 3 });
    expect(problems.map(({ code, message }) => `${code} ${message.slice(0, 7)}`)).toEqual([
      'LEFT_OUT 1 runs ',
      'LEFT_OUT 2 nodes',
      'LEFT_OUT 2 edges',
    ]);
  });

  test('takes no copy', async () => {
    subject = await (OWNED[0] ?? expect.fail()).open();
    await expect(copyTrees(subject.store, lythonic)).rejects.toMatchObject({ code: 'READ_ONLY_STORE' });
    await expect(copyTrees(source, source)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
