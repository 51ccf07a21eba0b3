import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DagRun } from '../../../src/model.ts';
import { type LythonicStoreOptions, openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { addEdge, addNode, addRun, type GENERATIONS, newFile } from './files.ts';

/** What others may do to a file: lythonic, and any tool that knows SQL. */
type Deed = (db: Database.Database) => void;

const RUN_IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const runId = fc.constantFrom(...RUN_IDS);
const status = fc.constantFrom('running', 'paused', 'completed', 'failed', 'cancelled', 'QUEUED');
const rowid = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }));

const startRun = fc
  .record({
    id: runId,
    parent: fc.option(fc.oneof(runId, fc.constant('gone'))),
    status,
    started: fc.integer({ max: 9, min: 1 }),
  })
  .map(
    ({ id, parent, status, started }): Deed =>
      (db) => {
        addRun(db, id, { status, started_at: started, ...(hasParents(db) && { parent_run_id: parent }) });
      },
  );

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: startRun },
  {
    weight: 3,
    arbitrary: fc.tuple(runId, status).map(
      ([id, to]): Deed =>
        (db) =>
          db.prepare('UPDATE dag_runs SET status = ? WHERE run_id = ?').run(to, id),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(runId, runId).map(
      ([id, to]): Deed =>
        (db) =>
          hasParents(db) && db.prepare('UPDATE dag_runs SET parent_run_id = ? WHERE run_id = ?').run(to, id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(runId, runId).map(
      ([id, to]): Deed =>
        (db) =>
          db.prepare('UPDATE OR REPLACE dag_runs SET run_id = ? WHERE run_id = ?').run(to, id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(runId, rowid).map(
      ([id, to]): Deed =>
        (db) =>
          db.prepare('UPDATE OR REPLACE dag_runs SET rowid = ? WHERE run_id = ?').run(to, id),
    ),
  },
  {
    weight: 2,
    arbitrary: runId.map(
      (id): Deed =>
        (db) =>
          db.prepare('DELETE FROM dag_runs WHERE run_id = ?').run(id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant<Deed>((db) =>
      db.exec('DELETE FROM dag_runs WHERE rowid = (SELECT max(rowid) FROM dag_runs)'),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Deed>((db) => db.exec('DELETE FROM dag_runs; DELETE FROM edge_traversals')) },
  {
    weight: 3,
    arbitrary: fc.tuple(runId, fc.constantFrom('x', 'y')).map(
      ([id, label]): Deed =>
        (db) =>
          addNode(db, id, label),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(runId, fc.constantFrom('x', 'y')).map(
      ([id, label]): Deed =>
        (db) =>
          addEdge(db, id, label, 'z'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Deed>((db) =>
      db.exec('DELETE FROM edge_traversals WHERE rowid = (SELECT max(rowid) FROM edge_traversals)'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(runId, runId).map(
      ([id, to]): Deed =>
        (db) =>
          db.prepare('UPDATE OR REPLACE edge_traversals SET run_id = ? WHERE run_id = ?').run(to, id),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Deed>((db) => db.exec('VACUUM')) },
  { weight: 1, arbitrary: fc.constant<Deed>((db) => db.pragma('journal_mode = WAL')) },
  {
    weight: 1,
    arbitrary: fc.constant<Deed>(
      (db) => !columnsOf(db).includes('initiated_by') && db.exec('ALTER TABLE dag_runs ADD COLUMN initiated_by TEXT'),
    ),
  },
);

test.each(['gen2', 'gen4'] as const)(
  'Whatever happens to a file of %s, the next read sees all of it',
  async (generation) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(deeds, { maxLength: 4 }), { maxLength: 12 }), (looks) =>
        follow(generation, looks, []),
      ),
      { numRuns: 60 },
    );
  },
);

test.each(['gen2', 'gen4'] as const)(
  'Whatever happens to a file of %s while its mirror is in the making, and after, the next read sees all of it',
  async (generation) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(startRun, { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(deeds, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        (before, looks) => follow(generation, looks, before, { bigFrom: 0 }),
      ),
      { numRuns: 12 },
    );
  },
  20_000,
);

async function follow(
  generation: keyof typeof GENERATIONS,
  looks: Deed[][],
  before: Deed[],
  options: LythonicStoreOptions = {},
): Promise<void> {
  const folder = await temporaryFolder();
  const db = newFile(join(folder, 'dags.db'), generation);
  for (const deed of before) deed(db);
  const store = await openLythonicStore(join(folder, 'dags.db'), options);
  try {
    for (const look of looks) {
      for (const deed of look) deed(db);
      await expectAll(store, db);
    }
  } finally {
    await store.close();
    db.close();
    await rm(folder, { recursive: true });
  }
}

async function expectAll(store: Store, db: Database.Database): Promise<void> {
  const truth = runsOf(db);
  expect(byId(await store.runPage({}, { limit: 100 }))).toEqual(truth);
  expect(byId(await store.runsByIds(RUN_IDS))).toEqual(truth);
  expect(byId(await store.childrenOf([...RUN_IDS, 'gone'], 100))).toEqual(
    truth.filter((run) => run.parentRunId !== null),
  );
  for (const rootRunId of RUN_IDS) {
    const [root] = await store.runsByIds([rootRunId]);
    if (root?.parentRunId !== null) continue;
    const below = await store.descendantPages([root], { limit: 100 });
    expect(byId(below.map(({ ancestorId, ...run }) => run))).toEqual(
      truth.filter((run) => run.rootRunId === rootRunId && run.runId !== rootRunId),
    );
  }
  const edges =
    'SELECT run_id AS runId, upstream_label AS upstreamLabel, downstream_label AS downstreamLabel, traversed_at AS traversedAt FROM edge_traversals ORDER BY 1, 2';
  expect((await store.edgesByRuns(RUN_IDS, 100)).toSorted((a, b) => text(a).localeCompare(text(b)))).toEqual(
    db
      .prepare(edges)
      .all()
      .toSorted((a, b) => text(a).localeCompare(text(b))),
  );
}

/** All runs by plain SQL, with the root that each has by going up, parent by parent, until there is none or one comes again. */
function runsOf(db: Database.Database): DagRun[] {
  const columns = columnsOf(db);
  const column = (name: string) => (columns.includes(name) ? name : 'NULL');
  const rows = db
    .prepare<[], Omit<DagRun, 'rootRunId'>>(
      `SELECT run_id AS runId, dag_nsref AS dagNsref, ${column('parent_run_id')} AS parentRunId, status,
       started_at AS startedAt, finished_at AS finishedAt, ${column('initiated_by')} AS initiatedBy FROM dag_runs`,
    )
    .all();
  const ids = new Map(rows.map((row) => [row.runId, row]));
  const rootOf = (runId: string): string => {
    const met = new Set<string>();
    for (let top = runId; ; ) {
      if (met.has(top)) return top;
      met.add(top);
      const parent = ids.get(top)?.parentRunId;
      if (parent == null || !ids.has(parent)) return top;
      top = parent;
    }
  };
  return byId(rows.map((row) => ({ ...row, rootRunId: rootOf(row.runId) })));
}

function byId(runs: DagRun[]): DagRun[] {
  return runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
}

function hasParents(db: Database.Database): boolean {
  return columnsOf(db).includes('parent_run_id');
}

function columnsOf(db: Database.Database): string[] {
  const columns = db.prepare<[], { name: string }>("SELECT name FROM pragma_table_info('dag_runs')").all();
  return columns.map(({ name }) => name);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
