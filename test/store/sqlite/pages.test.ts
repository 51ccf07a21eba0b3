import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DagRun, RUN_STATUSES } from '../../../src/model.ts';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Place, RunFilter, Slice, TextFilter } from '../../../src/store/store.ts';
import { created } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { FILTERS, SLICES } from './everyRead.ts';

const STATUSES = [...RUN_STATUSES, 'odd', 'strange'];

test('A page of all runs holds what going through all of them would have found, whatever the filter and the slice', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'runs.db');
  const store = await openSqliteStore(path);
  await store.record(
    Array.from({ length: 700 }, (_, i) =>
      created(`run ${i}`, {
        at: i % 100,
        dagNsref: `value ${i % 80}`,
        initiatedBy: i % 3 ? `value ${i % 5}` : null,
        parentRunId: i % 4 ? `run ${(i % 7) * 4 < i ? (i % 7) * 4 : 0}` : null,
      }),
    ),
  );
  const db = new Connection(path);
  STATUSES.forEach((status, i) => {
    db.run(`UPDATE dag_runs SET status = @status WHERE rowid % ${STATUSES.length} = ${i}`, { status });
  });
  db.close();

  const all = (await store.runPage({}, { limit: 1_000 })).toSorted((a, b) => compare(b, a));
  expect(all).toHaveLength(700);
  for (const filter of FILTERS) {
    const passing = all.filter((run) => passes(run, filter));
    for (const slice of SLICES) expect(await store.runPage(filter, slice)).toEqual(cut(passing, slice));
  }
  await store.close();
  await rm(folder, { recursive: true });
});

function compare(a: Place, b: Place): number {
  return a.startedAt - b.startedAt || (a.runId < b.runId ? -1 : Number(a.runId > b.runId));
}

function passes(run: DagRun, filter: RunFilter): boolean {
  const { statuses = [], unknownStatus = false, parent, startedFrom = -Infinity, startedUntil = Infinity } = filter;
  const isKnown = (RUN_STATUSES as readonly string[]).includes(run.status);
  const statusPasses =
    (!filter.statuses && !unknownStatus) || statuses.includes(run.status) || (unknownStatus && !isKnown);
  const parentPasses = parent === undefined || run.parentRunId === (typeof parent === 'object' ? parent.runId : null);
  return (
    statusPasses &&
    parentPasses &&
    textPasses(run.dagNsref, filter.dagNsref) &&
    textPasses(run.initiatedBy, filter.initiatedBy) &&
    run.startedAt >= startedFrom &&
    run.startedAt < startedUntil
  );
}

function textPasses(text: string | null, filter: TextFilter | undefined): boolean {
  if (!filter) return true;
  if (text === null) return false;
  const { eq = text, in: list = [text], startsWith = '' } = filter;
  return text === eq && list.includes(text) && text.startsWith(startsWith);
}

function cut(runs: readonly DagRun[], { limit, after, before, fromEnd }: Slice): DagRun[] {
  const between = runs.filter((run) => (!after || compare(run, after) < 0) && (!before || compare(run, before) > 0));
  return fromEnd ? between.slice(-limit) : between.slice(0, limit);
}
