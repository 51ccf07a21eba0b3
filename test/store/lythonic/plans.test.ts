import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUN_ENDS } from '../../../src/model.ts';
import { attachMirror, type Connection, connect } from '../../../src/store/lythonic/connect.ts';
import { Mirror } from '../../../src/store/lythonic/mirror.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import { FileViews } from '../../../src/store/lythonic/views.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { INNER_PAGES, PAGES, PAYLOADS, READS, SIZES } from '../sqlite/everyRead.ts';
import { hasPlan, planOf, type Step } from '../sqlite/explain.ts';
import { addEdge, addNode, addRun, newFile } from './files.ts';

/**
 * What a read costs must not depend on how much the file holds, though the file has no index but its primary keys. SQLite
 * says how it goes about each statement; both generations of edges are tried, with a key and without.
 */
describe.each(['gen2', 'gen4'] as const)('Over a file of %s', (generation) => {
  let folder: string;
  let writer: ReturnType<typeof newFile>;
  let store: Store;
  let db: Connection;
  const statements = new Set<string>();
  let plansOfPages: Map<string, Step[]>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const path = join(folder, 'dags.db');
    writer = newFile(path, generation);
    writer.transaction(() => {
      for (let i = 0; i < 1_000; i++) {
        addRun(writer, `run ${i}`, {
          dag_nsref: `value ${i % 10}`,
          parent_run_id: i % 10 === 0 ? null : `run ${i - (i % 3 || 1)}`,
          status: RUN_ENDS[i % RUN_ENDS.length],
          started_at: i,
          ...(generation === 'gen4' && { initiated_by: `value ${i % 7}` }),
        });
        for (const label of ['a', 'b', 'c']) addNode(writer, `run ${i}`, label);
        addEdge(writer, `run ${i}`, 'a', 'b');
      }
    })();
    store = await openLythonicStore(path, { onStatement: (sql) => statements.add(sql) });
    db = connect(path);
    attachMirror(db);
    const views = new FileViews(db);
    const mirror = db.snapshot(() => new Mirror(db, views));
    while (!db.snapshot(() => mirror.advance()));
    plansOfPages = await plansOf(() => readAll([...PAGES, ...INNER_PAGES]));
  });
  afterAll(async () => {
    db.close();
    await store.close();
    writer.close();
    await rm(folder, { recursive: true });
  });

  /** The plans of all statements that run meanwhile. */
  async function plansOf(work: () => unknown): Promise<Map<string, Step[]>> {
    statements.clear();
    await work();
    return new Map([...statements].filter(hasPlan).map((sql) => [sql, planOf(db, sql)]));
  }

  async function readAll(reads: typeof PAGES): Promise<void> {
    for (const [, read] of reads) await read(store);
  }

  test.each([
    ['reads of runs, nodes, edges and counts', READS.filter(([name]) => !/Cursors|Changes/.test(name))],
    ['reads of payloads', PAYLOADS],
    ['reads of sizes of payloads', SIZES],
  ])('%s go through no table from end to end', async (_, reads) => {
    for (const [sql, steps] of await plansOf(() => readAll(reads))) expect(scans(steps), sql).toEqual([]);
  });

  test('changes after a cursor, and cursors, go through no table from end to end', async () => {
    const { cursor } = await store.runChanges(null, 5);
    const [run] = await store.runsByIds(['run 0']);
    const [place] = run ? await store.treeCursors([run]) : [];
    const plans = await plansOf(async () => {
      await readAll(READS.filter(([name]) => /Cursors|Changes/.test(name)));
      await store.runChanges(cursor, 5);
      await store.treeChanges('run 0', place?.cursor ?? null, 5);
    });
    expect(plans.size).toBeGreaterThan(10);
    for (const [sql, steps] of plans) {
      // One row, at the end of the table.
      if (!sql.endsWith('ORDER BY rid DESC LIMIT 1')) expect(scans(steps), sql).toEqual([]);
    }
  });

  test('pages go through no table from end to end, and sort no more than themselves', () => {
    for (const [sql, steps] of plansOfPages) {
      expect(scans(steps), sql).toEqual([]);
      const sorts = steps.filter(({ detail, parent }) => detail.startsWith('USE TEMP B-TREE') && parent !== 0);
      // What is below a sub-run is found level by level, and ranked.
      if (!sql.includes('WITH RECURSIVE below')) expect(sorts, sql).toEqual([]);
    }
  });

  test('what was changed by others is found without going through a table from end to end', async () => {
    const plans = await plansOf(async () => {
      addRun(writer, 'new', { status: 'running', parent_run_id: 'run 0', started_at: 2_000 });
      await store.runsByIds(['new']);
      addNode(writer, 'new', 'a');
      writer.exec("UPDATE dag_runs SET status = 'failed' WHERE run_id IN ('new', 'run 5')");
      await store.runsByIds(['new']);
      addEdge(writer, 'new', 'a', 'b');
      addNode(writer, 'new', 'a');
      writer.exec("UPDATE dag_runs SET parent_run_id = 'run 1' WHERE run_id = 'new'");
      await store.runsByIds(['new']);
      writer.exec("DELETE FROM dag_runs WHERE run_id IN ('new', 'run 7')");
      await store.runsByIds(['new']);
    });
    expect(plans.size).toBeGreaterThan(10);
    for (const [sql, steps] of plans) expect(scans(steps), sql).toEqual([]);
  });
});

/**
 * Steps that go through all of something that grows with the file. Statements have no other way to read what they make
 * themselves, nor what is to be copied again or has no root yet; and the end of an index is as far as a page goes that has
 * no conditions.
 */
function scans(steps: readonly Step[]): string[] {
  return steps
    .map(({ detail }) => detail)
    .filter((detail) => detail.startsWith('SCAN') && !MAY_BE_SCANNED.test(detail));
}

const MAY_BE_SCANNED =
  /^SCAN (k|keys|json_each|mark|CONSTANT ROW|found|first|few|page|t|a|b|n|u|rooted|above|below|ranked|s|mirror\.(stale|found_roots)|\(.*\)|(r|mirror\.dag_runs) USING (COVERING )?INDEX dag_runs_(newest|newest_roots|rootless|unfinished_roots|unfinished_sub_runs))( |$)/;
