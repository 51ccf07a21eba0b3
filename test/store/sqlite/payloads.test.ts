import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { damage } from '../../support/damage.ts';
import { completed, created, finished, started } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { FILTERS, INNER_PAGES, PAYLOADS, READS, SIZES } from './everyRead.ts';

/** What is not read cannot do harm: pages of the file are damaged, and only what reads them notices. */

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'runs.db');
  const store = await openSqliteStore(path);
  const large = JSON.stringify('x'.repeat(100_000));
  await store.record(
    ['run 0', 'run 1'].flatMap((runId, i) => [
      created(runId, { sourceInputsJson: large, parentRunId: i ? 'run 0' : null, dagNsref: `dag/a[${i}]` }),
      started(runId, 'a', { inputJson: large }),
      completed(runId, 'a', { outputJson: large, edges: [{ upstreamLabel: 'a', downstreamLabel: 'b' }] }),
      finished(runId, { sinkOutputsJson: large }),
    ]),
  );
  await store.close();
});
afterEach(() => rm(folder, { recursive: true }));

const reads = [
  ...READS,
  ...INNER_PAGES,
  ...FILTERS.map((filter) => ['runPage', (store: Store) => store.runPage(filter, { limit: 5 })] as const),
];

async function answers(given: typeof reads): Promise<unknown[]> {
  const store = await openSqliteStore(path);
  try {
    return await Promise.all(given.map(async ([, read]) => read(store)));
  } finally {
    await store.close();
  }
}

test('Reads of runs, nodes, edges and counts never touch the tables of payloads', async () => {
  const before = await answers(reads);
  const tables = ['run_payloads', 'node_payloads', 'node_attempts'];
  const hit = damage(path, ({ name }) =>
    tables.some((table) => name === table || name.includes(`autoindex_${table}_`)),
  );
  expect(hit).toBeGreaterThan(100);
  expect(await answers(reads)).toEqual(before);
  for (const read of PAYLOADS) await expect(answers([read])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

test('Sizes of payloads are known without reading the payloads', async () => {
  const before = await answers([...SIZES]);
  expect(damage(path, ({ pagetype }) => pagetype === 'overflow')).toBeGreaterThan(100);
  expect(await answers([...SIZES])).toEqual(before);
  for (const read of PAYLOADS) await expect(answers([read])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
