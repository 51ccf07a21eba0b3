import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, failed, finished, restarted, skipped, started, traversed } from '../../support/events.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres.ts';
import { INNER_PAGES, PAGES, PAYLOADS, READS, SIZES } from '../sqlite/everyRead.ts';

/**
 * What a read or a write costs must not depend on how much the database holds. PostgreSQL says how it goes about each statement, whatever
 * its parameters are; the tables have rows, but were never analysed.
 */

let database: TestDatabase;
let store: Store;
const statements = new Set<string>();

beforeAll(async () => {
  database = await newDatabase();
  ({ store } = await openPostgresStore(database.url, { onStatement: (sql) => statements.add(sql) }));
  const runs = Array.from({ length: 100 }, (_, i) => `run ${i}`);
  // As the store's own connections have it.
  for (const name of ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin']) {
    await database.query(`ALTER DATABASE ${database.name} SET enable_${name} = off`);
  }
  await store.record(
    runs.flatMap((runId, i) => [
      created(runId, {
        parentRunId: i % 10 === 0 ? null : `run ${i - 1}`,
        dagNsref: `value ${i % 10}`,
        initiatedBy: `value ${i % 7}`,
        at: i,
      }),
      started(runId, 'a', { inputJson: '{}' }),
    ]),
  );
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

/** A step of a plan, as PostgreSQL gives it. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Step[];
}

/** The plans of all statements that run meanwhile. */
async function plansOf(work: () => Promise<unknown>): Promise<Map<string, Step[]>> {
  statements.clear();
  await work();
  const plans = new Map<string, Step[]>();
  for (const sql of statements) {
    if (!/^\s*(SELECT|WITH|INSERT|UPDATE)\b/.test(sql)) continue;
    const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: Step }] }>(
      `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${sql}`,
    );
    if (row) plans.set(sql, flat(row['QUERY PLAN'][0].Plan));
  }
  return plans;
}

function flat(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(flat)];
}

/** Steps that go through a table from end to end, but for the lanes of commits, which are few. */
function scans(steps: readonly Step[]): string[] {
  return steps
    .filter((step) => /Seq Scan|Bitmap/.test(step['Node Type']) && step['Relation Name'] !== 'commit_lanes')
    .map((step) => `${step['Node Type']} ${step['Relation Name']}`);
}

async function readAll(reads: readonly (readonly [string, (store: Store) => unknown])[]): Promise<void> {
  for (const [, read] of reads) await read(store);
}

test.each([
  ['page of all runs', PAGES.filter((_, i) => i % 37 === 0)],
  ['page below given runs', INNER_PAGES],
  ['read of runs, nodes, edges and counts', READS],
  ['read of payloads', [...PAYLOADS, ...SIZES]],
])('No %s goes through a table from end to end', async (_, reads) => {
  const plans = await plansOf(() => readAll(reads));
  expect(plans.size).toBeGreaterThan(0);
  for (const [sql, steps] of plans) {
    // That a row can be read at all is the proof that the store answers; it is not looked for.
    if (sql !== 'SELECT 1 FROM dag_runs LIMIT 1') expect(scans(steps), sql).toEqual([]);
  }
});

describe('A page of all runs', () => {
  test.each([
    ['of roots', { parent: 'roots' }, 'dag_runs_newest_roots'],
    ['of all', {}, 'dag_runs_newest'],
    ['by status', { statuses: ['running'] }, 'dag_runs_by_status'],
    ['of roots by status', { parent: 'roots', statuses: ['running'] }, 'dag_runs_by_status_roots'],
    ['by name', { dagNsref: { eq: 'value 1' } }, 'dag_runs_by_nsref'],
    [
      'of roots by the beginning of their name',
      { parent: 'roots', dagNsref: { startsWith: 'v' } },
      'dag_runs_by_nsref_roots',
    ],
    ['by initiator', { initiatedBy: { eq: 'value 1' } }, 'dag_runs_by_initiator'],
  ] as const)('%s is a range of one index, in order already', async (_, filter, index) => {
    const plans = await plansOf(async () => store.runPage(filter, { limit: 5 }));
    const page = [...plans.values()].at(-1) ?? [];
    expect(page.flatMap((step) => step['Index Name'] ?? [])).toEqual([index]);
    // Lanes are merged; inside of one nothing is sorted.
    expect(page.filter((step) => step['Node Type'] === 'Sort').length).toBeLessThanOrEqual(1);
  });
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
