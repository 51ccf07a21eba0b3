import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyDays } from '../../bench/stores/copyDays.ts';
import { type Batch, DAY_SECONDS, firstDay, idOn } from '../../bench/stores/day.ts';
import { ATTACHED, OWNED } from '../../bench/stores/storeFile.ts';
import { temporaryFolder } from '../support/folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

/** The first day's events, as they happen on another one. */
function onDay(day: number, batch: Batch): Batch {
  return batch.map((event) => ({
    ...event,
    runId: idOn(day, event.runId),
    at: (event.at ?? 0) + day * DAY_SECONDS,
    ...('parentRunId' in event && { parentRunId: event.parentRunId ? idOn(day, event.parentRunId) : null }),
  }));
}

/** All that is in a file. The rows of one batch are in no order of its events. */
function contents(path: string): Record<string, unknown> {
  const db = new Database(path, { readonly: true });
  const parts = db.prepare<[], { name: string; type: string; sql: string | null }>(
    'SELECT name, type, sql FROM sqlite_schema',
  );
  const tables = parts.all().filter(({ type }) => type === 'table');
  const rows = tables.map(({ name }) => [
    name,
    db
      .prepare(`SELECT * FROM ${name}`)
      .all()
      .map((row) => JSON.stringify(row))
      .toSorted(),
  ]);
  const schema = parts.all().map(({ sql }) => sql);
  db.close();
  return { ...Object.fromEntries(rows), schema: schema.toSorted() };
}

describe.each([OWNED, ATTACHED])('A file of many days, $name', (kind) => {
  it('holds what recording each of them gives', async () => {
    const days = 2;
    const copied = join(folder, `${kind.name}-copied.db`);
    await kind.record(copied, firstDay());
    copyDays(copied, days);

    const recorded = join(folder, `${kind.name}-recorded.db`);
    for (let day = 0; day < days; day++) {
      await kind.record(
        recorded,
        firstDay().map((batch) => onDay(day, batch)),
      );
    }
    expect(contents(copied)).toEqual(contents(recorded));
  });
});
