import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUN_ENDS } from '../../../src/model.ts';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, failed, finished, restarted, skipped, started, traversed } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { INNER_PAGES, PAGES, PAYLOADS, READS, SIZES } from './everyRead.ts';
import { hasPlan, planOf, type Step } from './explain.ts';

/**
 * What a read or a write costs must not depend on how much the file holds. SQLite says how it goes about each statement;
 * the file has rows, but was never analysed, as in use.
 */

let folder: string;
let store: Store;
let db: Connection;
const statements = new Set<string>();

beforeAll(async () => {
  folder = await temporaryFolder();
  const path = join(folder, 'runs.db');
  store = await openSqliteStore(path, { onStatement: (sql) => statements.add(sql) });
  for (let first = 0; first < 1_000; first += 10) {
    const runs = Array.from({ length: 10 }, (_, i) => `run ${first + i}`);
    await store.record(
      runs.flatMap((runId, i) => [
        created(runId, {
          parentRunId: i === 0 ? null : (runs[i - (i % 3 || 1)] ?? null),
          dagNsref: `value ${i}`,
          initiatedBy: `value ${first % 7}`,
          at: first + i,
        }),
        ...['a', 'b', 'c'].map((label) => started(runId, label, { inputJson: '{}' })),
        completed(runId, 'a', { outputJson: '[]', edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] }),
        finished(runId, { status: RUN_ENDS[i % RUN_ENDS.length] ?? 'failed' }),
      ]),
    );
  }
  db = new Connection(path);
});
afterAll(async () => {
  db.close();
  await store.close();
  await rm(folder, { recursive: true });
});

/** The plans of all statements that run meanwhile. */
async function plansOf(work: () => Promise<unknown>): Promise<Map<string, Step[]>> {
  statements.clear();
  await work();
  return new Map([...statements].filter(hasPlan).map((sql) => [sql, planOf(db, sql)]));
}

async function readAll(reads: readonly (readonly [string, (store: Store) => unknown])[]): Promise<void> {
  for (const [, read] of reads) await read(store);
}

const isSort = ({ detail }: Step): boolean => detail.startsWith('USE TEMP B-TREE');

/** What statements make themselves: keys given as JSON, constants, common table expressions. They have no other way to be read. */
const MADE_ON_THE_WAY = /^SCAN (k|keys|json_each|mark|CONSTANT ROW|found|first|few|page|b|ranked|\(.*\))( |$)/;

/** Steps that go through a table or one of its indexes from end to end. */
function scans(steps: readonly Step[]): string[] {
  return steps
    .map(({ detail }) => detail)
    .filter((detail) => detail.startsWith('SCAN') && !MADE_ON_THE_WAY.test(detail));
}

describe('A page of all runs', () => {
  let plans: Map<string, Step[]>;
  beforeAll(async () => {
    plans = await plansOf(() => readAll(PAGES));
  });

  test('goes through an index in the order of the page, and no further than it has to', () => {
    // With no condition there is no range to search: the rows at one end of the index are the page.
    const roots = ['SCAN r USING INDEX dag_runs_newest_roots'];
    // With more values than lanes, runs that do not pass are met and left out on the way. Each of these conditions has a plus.
    const newest = ['SCAN r USING INDEX dag_runs_newest', 'SCAN r USING COVERING INDEX dag_runs_newest'];
    for (const [sql, steps] of plans) {
      const allowed = /WHERE true|\+r\./.test(sql) ? [...roots, ...newest] : roots;
      const found = scans(steps).filter((scan) => !allowed.includes(scan));
      expect(found, sql).toEqual([]);
    }
  });

  test('sorts no more than its lanes, each of which has the length of a page and is in order already', () => {
    const sorted = [...plans].filter(([, steps]) => steps.some((step) => isSort(step) && step.parent !== 0));
    expect(sorted).toEqual([]);
  });

  test('has few statements, each prepared once, however many values the filters have', async () => {
    const values = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);
    const more = await plansOf(async () => {
      for (const count of [1, 5, 40]) {
        for (const slice of [{ limit: 1 }, { limit: 2 }]) {
          await store.runPage({ statuses: values(count), dagNsref: { in: values(count) } }, slice);
        }
      }
    });
    expect(more.size).toBeLessThanOrEqual(4);
    expect(plans.size).toBeLessThan(PAGES.length);
  });

  test('opens no more lanes than are worth it', async () => {
    const values = Array.from({ length: 60 }, (_, i) => `value ${i}`);
    const filter = { statuses: ['running', ...RUN_ENDS], dagNsref: { in: values }, initiatedBy: { in: values } };
    expect(await store.runPage(filter, { limit: 1_000 })).toHaveLength(1_000);
  });

  test('finds the values that begin with a text by leaps, not by reading all', async () => {
    // It is neither among the first runs, nor are there few of such names.
    const filter = { dagNsref: { startsWith: 'va' }, startedUntil: 4 };
    const plans = await plansOf(async () => store.runPage(filter, { limit: 5 }));
    const details = [...plans.values()].flat().map(({ detail }) => detail);
    expect(details).toContain('SEARCH r USING COVERING INDEX dag_runs_by_nsref (dag_nsref>? AND dag_nsref<?)');
    expect(details).toContain('SEARCH r USING COVERING INDEX dag_runs_by_nsref (dag_nsref=? AND started_at<?)');
  });
});

test('A page of what is below given runs is a range of an index, in order already', async () => {
  const plans = await plansOf(() => readAll(INNER_PAGES));
  for (const [sql, steps] of plans) {
    expect(scans(steps), sql).toEqual([]);
    // What is below a sub-run has no index of its own: it is found level by level, and all of it is ranked.
    if (!sql.includes('WITH RECURSIVE below'))
      expect(
        steps.filter((step) => isSort(step) && step.parent !== 0),
        sql,
      ).toEqual([]);
  }
});

test.each([
  ['of runs, nodes, edges and counts', READS],
  ['of payloads', PAYLOADS],
  ['of sizes of payloads', SIZES],
])('No read %s goes through a table from end to end', async (_, reads) => {
  const plans = await plansOf(() => readAll(reads));
  expect(plans.size).toBeGreaterThanOrEqual(reads.length);
  for (const [sql, steps] of plans) {
    // That a row can be read at all is the proof that the store answers; it is not looked for.
    if (sql !== 'SELECT 1 FROM dag_runs LIMIT 1') expect(scans(steps), sql).toEqual([]);
  }
});

test('No write goes through a table from end to end', async () => {
  const history = [
    created('w', { at: 1 }),
    created('below', { parentRunId: 'w', at: 2 }),
    started('w', 'a', { at: 3 }),
    failed('w', 'a', { at: 4 }),
    skipped('w', 's', { at: 5 }),
    finished('w', { status: 'failed', at: 6 }),
    restarted('w', { at: 7 }),
    started('w', 'a', { at: 8 }),
    completed('w', 'a', { at: 9, edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] }),
    traversed('w', 's', 'b', { at: 10 }),
    finished('w', { at: 11 }),
  ];
  const plans = await plansOf(async () => {
    for (const event of [...history, ...history]) expect(await store.record([event])).toMatchObject({ ok: true });
  });
  const texts = [...plans.keys()].join('\n');
  for (const table of [
    'dag_runs',
    'run_payloads',
    'run_restarts',
    'node_executions',
    'node_payloads',
    'node_attempts',
    'edge_traversals',
  ]) {
    expect(texts).toContain(`INSERT INTO ${table} `);
    expect(texts).toMatch(new RegExp(`(FROM|JOIN) ${table} `));
  }
  for (const [sql, steps] of plans) expect(scans(steps), sql).toEqual([]);
});
