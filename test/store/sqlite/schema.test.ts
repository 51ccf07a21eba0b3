import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import { isOwnedFile, migrate } from '../../../src/store/sqlite/schema.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { created } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { OtherProcess } from '../../support/otherProcess.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

/** Does something on a connection of its own. */
function on<T>(file: string, work: (db: Connection) => T): T {
  const db = new Connection(file, { create: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

async function makeStore(): Promise<void> {
  const store = await openSqliteStore(path);
  await store.record([created('r')]);
  await store.close();
}

const tables = (db: Connection): string[] =>
  db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name);

describe('A new file', () => {
  test('has the schema of schema.golden.sql', async () => {
    await makeStore();
    const dump = on(path, (db) =>
      db.all<{ sql: string }>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name'),
    )
      .map(({ sql }) => `${sql};\n`)
      .join('\n');
    await expect(dump).toMatchFileSnapshot('./schema.golden.sql');
  });

  test('is marked as dagloupe’s own, with the number of its schema, and keeps a write-ahead log', async () => {
    await makeStore();
    on(path, (db) => {
      expect(isOwnedFile(db)).toBe(true);
      expect(db.pragma('user_version')).toBe(MIGRATIONS.length);
      expect(db.pragma('journal_mode')).toBe('wal');
    });
  });
});

describe('A file that is opened again', () => {
  test('keeps what it holds', async () => {
    await makeStore();
    const store = await openSqliteStore(path);
    expect(await store.runsByIds(['r'])).toHaveLength(1);
    await store.close();
  });

  test('can be open twice in one process', async () => {
    const one = await openSqliteStore(path);
    const other = await openSqliteStore(path);
    await one.record([created('r')]);
    expect(await other.runsByIds(['r'])).toHaveLength(1);
    await one.close();
    await other.record([created('s')]);
    await other.close();
  });
});

describe('A file that cannot be opened is refused and left byte for byte as it is', () => {
  test.each(['wal', 'delete'])('because a newer dagloupe made it, with journal_mode %s', async (mode) => {
    await makeStore();
    on(path, (db) => {
      db.pragma(`journal_mode = ${mode}`);
      db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    });
    const before = readFileSync(path);
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/runs\.db was written by a newer dagloupe .*update dagloupe/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('because another program made it', async () => {
    on(path, (db) => {
      db.script('CREATE TABLE songs (title TEXT)');
      db.pragma('user_version = 1');
    });
    const before = readFileSync(path);
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(/runs\.db is a SQLite file of another program/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test('A SQLite file without tables is as good as none, whatever number it carries', async () => {
  on(path, (db) => db.pragma('user_version = 1'));
  await makeStore();
});

describe('Migrations', () => {
  const first = 'CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1);';
  const second = 'CREATE TABLE two (n INTEGER); INSERT INTO two SELECT n + 1 FROM one;';

  test('are applied in order to a new file', () => {
    on(path, (db) => {
      migrate(db, [first, second]);
      expect(db.get('SELECT n FROM two')).toEqual({ n: 2 });
      expect(db.pragma('user_version')).toBe(2);
    });
  });

  test('are applied to an older file from where it stands', () => {
    on(path, (db) => migrate(db, [first]));
    on(path, (db) => {
      db.script('UPDATE one SET n = 41');
      migrate(db, [first, second]);
      expect(db.get('SELECT n FROM two')).toEqual({ n: 42 });
      migrate(db, [first, second]);
      expect(db.all('SELECT n FROM two')).toEqual([{ n: 42 }]);
    });
  });

  test('are applied all or none', () => {
    on(path, (db) => {
      migrate(db, [first]);
      expect(() => migrate(db, [first, second, 'CREATE TABLE one (again)'])).toThrow('already exists');
      expect(tables(db)).toEqual(['one']);
      expect(db.pragma('user_version')).toBe(1);
    });
  });

  test('wait for no one: who meets the lock of another is told so, to try again', () => {
    on(path, (db) => {
      db.script('BEGIN IMMEDIATE');
      expect(() => on(path, (other) => migrate(other))).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
      db.script('ROLLBACK');
    });
  });
});

test('Two processes that open one new path at the same time both get a store and both write', async () => {
  const processes = await Promise.all([OtherProcess.start(), OtherProcess.start()]);
  try {
    for (let round = 0; round < 60; round++) {
      const file = join(folder, `${round}.db`);
      const recorded = await Promise.all(
        processes.map(async (process, number) => {
          // Also while the other one is in the middle of making it.
          if (number > 0 && round >= 20) await wait(Math.random() * 20);
          await process.open(file);
          return process.record([created(`by ${number}`)]);
        }),
      );
      expect(recorded).toEqual([
        { ok: true, changed: [true] },
        { ok: true, changed: [true] },
      ]);
      for (const process of processes) {
        expect((await process.runIds()).toSorted()).toEqual(['by 0', 'by 1']);
        await process.close();
      }
    }
  } finally {
    await Promise.all(processes.map((process) => process.end()));
  }
});
