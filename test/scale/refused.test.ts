import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { ask, run, serve } from '../commands/program.ts';
import { created } from '../support/events.ts';
import { newDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from './ports.ts';

let database: TestDatabase;
let url: URL;
beforeEach(async () => {
  database = await newDatabase();
  onTestFinished(database.drop);
  url = new URL(database.url);
});

describe('A database that cannot be served gets one line that says why, without the password, and exit code 1', () => {
  async function refusal(): Promise<string> {
    const { code, stdout, stderr } = await run(['serve', url.href, '--log-level', 'silent']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
    expect(stderr).not.toContain(url.password);
    return stderr;
  }

  test('a wrong password', async () => {
    url.password = 'open-sesame';
    expect(await refusal()).toContain('look at the user and the password');
  });

  test('a user that is not there', async () => {
    url.username = 'nobody-knows';
    expect(await refusal()).toContain('look at the user and the password');
  });

  test('a database that is not there', async () => {
    url.pathname = '/nowhere';
    expect(await refusal()).toContain('there is no such database; create it');
  });

  test('a server that is not there', async () => {
    url.port = String(await freePort());
    expect(await refusal()).toContain('it cannot be reached');
  });

  test('a host that is not there', async () => {
    url.hostname = 'no-such-host.invalid';
    expect(await refusal()).toContain('it cannot be reached');
  });

  test('a user who may not make the tables', async () => {
    url.username = await newRole();
    expect(await refusal()).toContain('this user may not do that');
  });
});

test('A user who may only read is served, and told so by every mutation', async () => {
  const { store } = await openStore(database.url);
  await store.record([created('r')]);
  await store.close();
  url.username = await newRole();
  await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${url.username}`);

  const server = await serve(['serve', url.href]);
  onTestFinished(async () => {
    await server.stop();
  });
  expect(await ask(server.url, '{ server { backend writable } dagRun(runId: "r") { status } }')).toEqual({
    server: { backend: 'postgres', writable: false },
    dagRun: { status: 'RUNNING' },
  });
  const mutation = 'mutation { finishRun(input: { runId: "r", status: COMPLETED }) { changed } }';
  await expect(ask(server.url, mutation)).rejects.toThrow('READ_ONLY_STORE');
});

/** A user with no rights but to connect. */
async function newRole(): Promise<string> {
  const role = `role_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  return role;
}
