import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { GENERATIONS } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

/** A store over a file that these statements make. */
async function open(...statements: string[]) {
  const path = join(folder, 'dags.db');
  const db = new Database(path);
  for (const statement of statements) db.exec(statement);
  db.close();
  return openLythonicStore(path);
}

const tables = (generation: keyof typeof GENERATIONS) =>
  GENERATIONS[generation].map((table) => `CREATE TABLE ${table}`);
const RUN = "INSERT INTO dag_runs (run_id, dag_nsref, status, started_at) VALUES ('r', 'dag', 'completed', 1)";
const KEY = { runId: 'r', nodeLabel: 'a' };

describe('Each table is read by the columns that it has', () => {
  test('a file may have tables of any generations', async () => {
    const [runs = ''] = tables('gen0');
    const [, nodes = ''] = tables('gen4');
    const [, , edges = ''] = tables('gen1');
    const store = await open(
      runs,
      nodes,
      edges,
      RUN,
      "INSERT INTO node_executions (run_id, node_label, status, is_sink) VALUES ('r', 'a', 'completed', 1)",
      "INSERT INTO edge_traversals VALUES ('r', 'a', 'b', 2), ('r', 'a', 'b', 2)",
    );
    expect(await store.runsByIds(['r'])).toMatchObject([{ parentRunId: null, rootRunId: 'r', initiatedBy: null }]);
    expect(await store.nodesByKeys([KEY])).toMatchObject([{ isSource: false, isSink: true }]);
    expect(await store.edgesByRuns(['r'], 10)).toHaveLength(2);
    expect(await store.runPayloads(['r'])).toEqual([{ runId: 'r', inputJson: null, outputJson: null }]);
    await store.close();
  });

  test('a file whose other tables are still to come has no nodes and no edges', async () => {
    const [runs = ''] = tables('gen4');
    const store = await open(runs, RUN);
    expect(await store.nodesByRuns(['r'], {}, 10)).toEqual([]);
    expect(await store.nodePayloads([KEY])).toEqual([]);
    expect(await store.edgesByRuns(['r'], 10)).toEqual([]);
    expect(await store.latestUpdates(['r'])).toEqual([{ runId: 'r', latestUpdate: 1 }]);
    await store.close();
  });

  test.each([
    ['source', true, false],
    ['sink', false, true],
    ['internal', false, false],
    ['composite', false, false],
    [null, false, false],
  ])('the older node_type %s says what is a source and what a sink', async (type, isSource, isSink) => {
    const value = type === null ? 'NULL' : `'${type}'`;
    const store = await open(
      ...tables('gen1'),
      `INSERT INTO node_executions (run_id, node_label, status, node_type) VALUES ('r', 'a', 'completed', ${value})`,
    );
    expect(await store.nodesByKeys([KEY])).toMatchObject([{ isSource, isSink }]);
    await store.close();
  });

  test('further columns and tables do no harm', async () => {
    const store = await open(
      ...tables('gen4'),
      'ALTER TABLE dag_runs ADD COLUMN rid TEXT; ALTER TABLE dag_runs ADD COLUMN root_run_id TEXT; CREATE TABLE stale (x)',
      'CREATE INDEX dag_runs_by_id ON dag_runs (status); CREATE VIEW run_payloads AS SELECT 1',
      RUN,
    );
    expect(await store.runsByIds(['r'])).toMatchObject([{ runId: 'r', rootRunId: 'r' }]);
    expect(await store.runPayloads(['r'])).toHaveLength(1);
    await store.close();
  });
});

describe('Values of any type, which SQLite allows in any column, spoil no answer', () => {
  test('of runs', async () => {
    const store = await open(
      ...tables('gen4'),
      `INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, status, started_at, finished_at, source_inputs_json, initiated_by)
       VALUES ('r', x'6461672f78', 7, x'646f6e65', 'soon', x'32', x'7b7d', 1.5)`,
      "INSERT INTO dag_runs (run_id, dag_nsref, status, started_at) VALUES ('s', 1, 2, -1e999), ('t', '', '', 9e999)",
    );
    expect(await store.runPage({}, { limit: 10 })).toEqual([
      expect.objectContaining({ runId: 't', dagNsref: '', status: '', startedAt: Number.POSITIVE_INFINITY }),
      {
        runId: 'r',
        dagNsref: 'dag/x',
        parentRunId: '7',
        rootRunId: 'r',
        status: 'done',
        startedAt: 0,
        finishedAt: 2,
        initiatedBy: '1.5',
      },
      expect.objectContaining({ runId: 's', dagNsref: '1', status: '2', startedAt: Number.NEGATIVE_INFINITY }),
    ]);
    expect(await store.runPayloads(['r'])).toEqual([{ runId: 'r', inputJson: '{}', outputJson: null }]);
    expect(await store.runPayloadSizes(['r'])).toEqual([{ runId: 'r', inputBytes: 2, outputBytes: null }]);
    await store.close();
  });

  test('of nodes and edges', async () => {
    const store = await open(
      ...tables('gen4'),
      RUN,
      `INSERT INTO node_executions VALUES ('r', 'a', 3, x'00ff', 12, 'never', x'', x'626f6f6d', 'yes', NULL)`,
      "INSERT INTO edge_traversals VALUES ('r', 'a', 5, 'x')",
    );
    expect(await store.nodesByRuns(['r'], {}, 10)).toEqual([
      {
        ...KEY,
        status: '3',
        isSource: true,
        isSink: false,
        startedAt: 0,
        finishedAt: 0,
        error: 'boom',
      },
    ]);
    expect(await store.nodePayloads([KEY])).toEqual([{ ...KEY, inputJson: expect.any(String), outputJson: '12' }]);
    expect(await store.edgesByRuns(['r'], 10)).toEqual([
      { runId: 'r', upstreamLabel: 'a', downstreamLabel: '5', traversedAt: 0 },
    ]);
    await store.close();
  });

  test('rows whose key is no text cannot be asked for, and are left out', async () => {
    const store = await open(
      ...tables('gen2'),
      RUN,
      "INSERT INTO dag_runs (run_id, dag_nsref, status, started_at) VALUES (NULL, 'dag', 'x', 1), (x'72', 'dag', 'x', 1)",
      "INSERT INTO node_executions (run_id, node_label, status) VALUES ('r', x'61', 'x'), ('r', 'a', 'x'), (x'72', 'a', 'x')",
      "INSERT INTO edge_traversals VALUES ('r', x'61', 'b', 1), (x'72', 'a', 'b', 1), ('r', 'a', 'b', 1)",
    );
    expect(await store.runPage({}, { limit: 10 })).toMatchObject([{ runId: 'r' }]);
    expect(await store.nodesByRuns(['r'], {}, 10)).toHaveLength(1);
    expect(await store.edgesByRuns(['r'], 10)).toHaveLength(1);
    await store.close();
  });
});

test('Runs whose parents go in a circle, and those below them, are there to be read', async () => {
  const run = (id: string, parent: string) => `('${id}', 'dag', 'running', 1, '${parent}')`;
  const store = await open(
    ...tables('gen4'),
    `INSERT INTO dag_runs (run_id, dag_nsref, status, started_at, parent_run_id)
     VALUES ${[run('a', 'b'), run('b', 'a'), run('c', 'b'), run('d', 'd')].join(', ')}`,
  );
  const runs = await store.runsByIds(['a', 'b', 'c', 'd']);
  expect(Object.fromEntries(runs.map(({ runId, rootRunId }) => [runId, rootRunId]))).toEqual({
    a: 'a',
    b: 'b',
    c: 'b',
    d: 'd',
  });
  const below = await store.descendantPages(runs, { limit: 10 });
  expect(below.map(({ ancestorId, runId }) => `${ancestorId}>${runId}`).toSorted()).toEqual([
    'a>b',
    'a>c',
    'b>a',
    'b>c',
  ]);
  await store.close();
});
