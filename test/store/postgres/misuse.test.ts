import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Fault } from '../../../src/errors.ts';
import { openStore } from '../../../src/store/open.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { Passage } from '../../client/follow/passage.ts';
import { created } from '../../support/events.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newDatabase();
});
afterEach(() => database.drop());

/** The database's URL with something else in it. */
function url(change: Partial<URL>): string {
  return Object.assign(new URL(database.url), change).href;
}

/** What opening rejects with, or using what was opened. */
async function faultOf(work: Promise<unknown>): Promise<{ code: string; message: string; all: string }> {
  const error = await work.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Fault)) throw error;
  // As a log would show it, with all that is inside.
  return { code: error.code, message: error.message, all: inspect(error, { depth: 9, showHidden: true }) };
}

describe('Who opens a database', () => {
  test.each<[string, Partial<URL>, string, RegExp]>([
    ['with a wrong password', { password: 'hunter2' }, 'STORE_UNAVAILABLE', /look at the user and the password/],
    ['as a user that is none', { username: 'nobody' }, 'STORE_UNAVAILABLE', /look at the user and the password/],
    ['that is not there', { pathname: '/nothing' }, 'STORE_UNAVAILABLE', /no such database; create it/],
    ['at a port where nobody listens', { port: '1' }, 'STORE_UNAVAILABLE', /cannot be reached.*ECONNREFUSED/],
    [
      'in a schema that is not there',
      { search: '?options=-csearch_path%3Dnowhere' },
      'STORE_UNAVAILABLE',
      /no such schema; create it/,
    ],
    ['with an option that is none', { search: '?options=-cno_such%3D1' }, 'BAD_REQUEST', /no_such/],
  ])('%s is told so, and the password is not shown', async (_, change, code, message) => {
    const fault = await faultOf(openStore(url(change)));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(fault.all).not.toMatch(/secret|hunter2/);
  });

  test('with a replica that cannot be reached is told so at once', async () => {
    const opening = openPostgresStore(database.url, { readUrl: url({ port: '1' }) });
    expect(await faultOf(opening)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/:1\/.*cannot be reached/),
    });
  });

  test.each(['postgres://ada:secret@', 'postgres://ada:secret@host:port/db', 'postgres://ada:secret@[/db'])(
    'by a URL that is none is told so, and it is not repeated: %s',
    async (text) => {
      const fault = await faultOf(openStore(text));
      expect(fault.message).toMatch(/URL/);
      expect(fault.all).not.toMatch(/secret/);
    },
  );

  test('that keeps texts in an encoding without all characters is told so', async () => {
    const name = `latin_${database.name}`;
    await database.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0`);
    const fault = await faultOf(openStore(url({ pathname: `/${name}` })));
    expect(fault).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(/LATIN1.*ENCODING 'UTF8'/) });
    await database.query(`DROP DATABASE ${name}`);
  });

  test('that has no connection left is told so', async () => {
    const role = `few_${database.name}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`);
    const fault = await faultOf(openStore(url({ username: role })));
    expect(fault).toMatchObject({ code: 'STORE_BUSY', message: expect.stringMatching(/no connection left/) });
    await database.query(`DROP ROLE ${role}`);
  });
});

describe('A user who may only read', () => {
  let role: string;
  beforeEach(async () => {
    role = `reader_${database.name}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  });
  afterEach(() => database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));

  test('reads and follows, and is told so when recording', async () => {
    const { store: owner } = await openPostgresStore(database.url);
    await owner.record([created('r')]);
    await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    const { store } = await openPostgresStore(url({ username: role }));
    expect(store.capabilities.writable).toBe(false);
    expect(await store.runsByIds(['r'])).toHaveLength(1);
    expect(await store.treeChanges('r', null, 9)).toMatchObject({ runs: [{ runId: 'r' }] });
    await expect(store.record([created('s')])).rejects.toMatchObject({ code: 'READ_ONLY_STORE' });
    await store.close();
    await owner.close();
  });

  test('is told so where there are no tables yet', async () => {
    const fault = await faultOf(openStore(url({ username: role })));
    expect(fault).toMatchObject({
      code: 'READ_ONLY_STORE',
      message: expect.stringMatching(/may not do that; grant it/),
    });
  });

  test('is told so when the right to write was taken meanwhile', async () => {
    const { store: owner } = await openPostgresStore(database.url);
    await database.query(`GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ${role}`);
    const { store } = await openPostgresStore(url({ username: role }));
    expect(await store.record([created('r')])).toMatchObject({ ok: true });
    await database.query(`REVOKE INSERT ON dag_runs FROM ${role}`);
    await expect(store.record([created('s')])).rejects.toMatchObject({ code: 'READ_ONLY_STORE' });
    await store.close();
    await owner.close();
  });
});

describe('What takes too long', () => {
  test('is ended and told, and what comes after is answered', async () => {
    const { store } = await openPostgresStore(database.url, { statementTimeoutMs: 200 });
    await store.record([created('r')]);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE dag_runs IN ACCESS EXCLUSIVE MODE');
    const busy = { code: 'STORE_BUSY', message: expect.stringMatching(/took too long.*DAGLOUPE_STATEMENT_TIMEOUT_MS/) };
    await expect(store.runsByIds(['r'])).rejects.toMatchObject(busy);
    await expect(store.record([created('s')])).rejects.toMatchObject(busy);
    await other.end();
    expect(await store.runsByIds(['r'])).toHaveLength(1);
    expect(await store.record([created('s')])).toMatchObject({ ok: true });
    await store.close();
  });
});

test('A name that is too long for a key is refused with a reason, and others beside it are recorded', async () => {
  const { store } = await openPostgresStore(database.url);
  const long = randomBytes(1_500).toString('base64');
  const [bad, good] = await Promise.allSettled([
    store.record([created('r'), { type: 'nodeStarted', runId: 'r', nodeLabel: long.repeat(2) }]),
    store.record([created('good', { dagNsref: long.repeat(20), initiatedBy: long.repeat(2) })]),
  ]);
  expect(bad).toMatchObject({
    status: 'rejected',
    reason: { code: 'BAD_REQUEST', message: expect.stringMatching(/too long/) },
  });
  expect(good).toMatchObject({ status: 'fulfilled', value: { ok: true } });
  expect(await store.runPage({ dagNsref: { startsWith: long } }, { limit: 9 })).toHaveLength(1);
  await store.close();
});

test('Tables that are gone are told of, and used again once they are back', async () => {
  const { store } = await openPostgresStore(database.url);
  await database.query('ALTER TABLE dag_runs RENAME TO gone');
  await expect(async () => store.check()).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(/tables of dagloupe are missing/),
  });
  await database.query('ALTER TABLE gone RENAME TO dag_runs');
  await store.check();
  expect(await store.record([created('r')])).toMatchObject({ ok: true });
  await store.close();
});

test.each([
  ['Through a pooler, nothing is prepared and nothing set for a session', true],
  ['Without one, statements are prepared and sessions set up', false],
])('%s', async (_, pooler) => {
  const url = new URL(database.url);
  const passage = await Passage.to(Number(url.port));
  onTestFinished(() => passage.close());
  url.port = String(passage.port);
  const sent = passage.listenIn();
  const { store } = await openPostgresStore(url.href, { pooler, listenUrl: database.url });
  expect(await store.record([created('r')])).toMatchObject({ ok: true });
  expect(await store.runPage({ dagNsref: { startsWith: 'p' } }, { limit: 9 })).toHaveLength(1);
  expect(await store.treeChanges('r', null, 9)).toMatchObject({ cursor: '1' });
  await store.close();
  const bytes = Buffer.concat(sent).toString('latin1');
  expect(bytes).toContain('SELECT');
  // A message to parse begins with P, its length, and the name that the statement is to have, which ends with a zero.
  expect({ prepared: /P.{4}[\w-]{20}\0/s.test(bytes), set: /-c \w+=|Q.{4}SET /s.test(bytes) }).toEqual({
    prepared: !pooler,
    set: !pooler,
  });
});

test('A closed store says so', async () => {
  const { store } = await openPostgresStore(database.url);
  await store.close();
  await expect(store.record([created('r')])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(async () => store.runsByIds(['r'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await store.close();
});
