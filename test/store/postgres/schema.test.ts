import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../src/store/postgres/migrations/index.ts';
import { placeOf } from '../../../src/store/postgres/place.ts';
import { migrate, schemaVersion } from '../../../src/store/postgres/schema.ts';
import { Session } from '../../../src/store/postgres/session.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { created } from '../../support/events.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newDatabase();
});
afterEach(() => database.drop());

const connect = (): Promise<Session> =>
  Session.connect(placeOf(database.url), { statementTimeoutMs: 10_000, pooler: false });

test('The schema is what the golden file says', async () => {
  const { store } = await openPostgresStore(database.url);
  await store.close();
  const columns = await database.query<{ text: string }>(`
    SELECT format('%s.%s %s%s', c.table_name, c.column_name, c.data_type, CASE c.is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END)
      || coalesce(' COLLATE ' || c.collation_name, '') || CASE a.attstorage WHEN 'e' THEN ' EXTERNAL' ELSE '' END AS text
    FROM information_schema.columns AS c
    JOIN pg_attribute AS a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name
    WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position`);
  const indexes = await database.query<{ text: string }>(
    "SELECT indexdef AS text FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef",
  );
  const lines = [...columns, ...indexes].map(({ text }) => text);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./schema.golden.txt');
});

describe('Stores that are opened at once', () => {
  test('make the tables once, and all work', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openPostgresStore(database.url)));
    for (const [i, { store }] of opened.entries()) {
      expect(await store.record([created(`run ${i}`)])).toEqual({ ok: true, changed: [true] });
    }
    for (const { store } of opened) expect(await store.runPage({}, { limit: 9 })).toHaveLength(5);
    for (const { store } of opened) await store.close();
  });

  test('take turns with a migration that takes long', async () => {
    const slow = [...MIGRATIONS, 'SELECT pg_sleep(0.3); CREATE TABLE later (a integer)'];
    const sessions = await Promise.all(Array.from({ length: 4 }, connect));
    await Promise.all(sessions.map((session) => migrate(session, slow)));
    for (const session of sessions) expect(await schemaVersion(session, slow)).toBe(slow.length);
    await Promise.all(sessions.map((session) => session.end()));
  });
});

test('A migration that fails leaves nothing behind, and the next try goes on from there', async () => {
  const session = await connect();
  const broken = [...MIGRATIONS, 'CREATE TABLE later (a integer); SELECT 1 / 0'];
  await expect(migrate(session, broken)).rejects.toThrow(/division by zero/);
  expect(await schemaVersion(session)).toBe(MIGRATIONS.length);
  await migrate(session, [...MIGRATIONS, 'CREATE TABLE later (a integer)']);
  expect(await database.query('SELECT * FROM later')).toEqual([]);
  await session.end();
});

test('An older schema is brought up to date', async () => {
  const session = await connect();
  await migrate(session, []);
  expect(await schemaVersion(session)).toBe(0);
  const { store } = await openPostgresStore(database.url);
  expect(await schemaVersion(session)).toBe(MIGRATIONS.length);
  await store.close();
  await session.end();
});

test('A newer schema is left alone, and it is said what to do', async () => {
  const { store } = await openPostgresStore(database.url);
  await store.close();
  await database.query('UPDATE dagloupe_schema SET version = 99');
  await expect(openPostgresStore(database.url)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(/newer dagloupe .*99.*update dagloupe/),
  });
});

test('Tables of another program are left alone, and it is said what to do', async () => {
  await database.query('CREATE TABLE dag_runs (song text)');
  await expect(openPostgresStore(database.url)).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringMatching(/another schema.*dag_runs/),
  });
  expect(await database.query('SELECT song FROM dag_runs')).toEqual([]);
});

test('Two stores in schemas of one database know nothing of each other', async () => {
  await database.query('CREATE SCHEMA one; CREATE SCHEMA two');
  const at = (schema: string): string => `${database.url}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
  const [one, two] = await Promise.all([openPostgresStore(at('one')), openPostgresStore(at('two'))]);
  await one.store.record([created('r')]);
  expect(await one.store.runsByIds(['r'])).toHaveLength(1);
  expect(await two.store.runsByIds(['r'])).toEqual([]);
  await one.store.close();
  await two.store.close();
});

test('Where nothing is and nothing is to be made, it is said so', async () => {
  await expect(openPostgresStore(database.url, { mustExist: true })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringMatching(/has no runs of dagloupe/),
  });
});
