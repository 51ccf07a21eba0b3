import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { ask, run, serve } from '../commands/program.ts';
import { created } from '../support/events.ts';
import { newDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await newDatabase();
  onTestFinished(database.drop);
});

describe('A database that cannot be served gets one line that says why, without the password, and exit code 1', () => {
  test.each<[string, Partial<URL>, string]>([
    ['a wrong password', { password: 'open-sesame' }, 'look at the user and the password'],
    ['no password', { password: '' }, 'it wants a password; set PGPASSWORD'],
    ['a database that is not there', { pathname: '/nowhere' }, 'there is no such database; create it'],
    ['a port where nobody listens', { port: '1' }, 'it cannot be reached'],
  ])('%s', async (_, change, reason) => {
    const url = Object.assign(new URL(database.url), change);
    const { code, stdout, stderr } = await run(['serve', url.href, '--log-level', 'silent']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(url.password || new URL(database.url).password);
  });
});

test('A password may come from the environment, where others do not see it', async () => {
  const url = new URL(database.url);
  const { password } = url;
  url.password = '';
  const server = await serve(['serve', url.href], { variables: { PGPASSWORD: password } });
  onTestFinished(async () => {
    await server.stop();
  });
  expect(await ask(server.url, '{ server { backend location writable } }')).toEqual({
    server: { backend: 'postgres', location: `postgres://${url.host}/${database.name}`, writable: true },
  });
});

test('A user who may only read is served, and told so by every mutation', async () => {
  const { store } = await openStore(database.url);
  await store.record([created('r')]);
  await store.close();
  const role = `reader_${database.name}`;
  await database.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
  );
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  const server = await serve(['serve', Object.assign(new URL(database.url), { username: role }).href]);
  onTestFinished(async () => {
    await server.stop();
  });
  expect(await ask(server.url, '{ server { writable } dagRun(runId: "r") { status } }')).toEqual({
    server: { writable: false },
    dagRun: { status: 'RUNNING' },
  });
  const mutation = 'mutation { finishRun(input: { runId: "r", status: COMPLETED }) { changed } }';
  await expect(ask(server.url, mutation)).rejects.toThrow('READ_ONLY_STORE');
});
