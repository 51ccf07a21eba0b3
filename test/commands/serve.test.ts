import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { temporaryFolder } from '../support/folder.ts';
import { copyFixture } from '../support/lythonicFixtures.ts';
import { ask, npmStart, run, type Serving, serve } from './program.ts';

interface Answer {
  readonly dagRuns: { readonly nodes: readonly { readonly dagNsref: string }[] };
  readonly server: { readonly writable: boolean; readonly location: string };
}

const WHAT = '{ dagRuns { nodes { dagNsref } } server { writable location } }';
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => rm(folder, { recursive: true }));

/** A folder of its own for each test, so that they do not meet. */
function place(): Promise<string> {
  return mkdtemp(join(folder, 'place-'));
}

describe('serve', () => {
  test('makes a new store where nothing is, says so in the log, and where it listens on standard output', async () => {
    const file = join(await place(), 'new.db');
    const server = await serve(['serve', file]);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(await ask<Answer>(server.url, WHAT)).toEqual({
      dagRuns: { nodes: [] },
      server: { writable: true, location: file },
    });
    const { code, stdout, stderr } = await server.stop();
    expect({ code, stdout }).toEqual({ code: 0, stdout: `listening on ${server.url}\n` });
    expect(stderr).toContain('made a new store');
    expect(stderr).toContain(file);
  });

  test("opens a store of dagloupe's own again", async () => {
    const file = join(await place(), 'own.db');
    const { store } = await openStore(file);
    await store.record([{ type: 'runCreated', runId: 'r1', dagNsref: 'etl:daily', sourceInputsJson: '{}' }]);
    await store.close();

    const server = await serve(['serve', file]);
    const answer = await ask<Answer>(server.url, WHAT);
    const { stderr } = await server.stop();
    expect(answer.dagRuns.nodes).toEqual([{ dagNsref: 'etl:daily' }]);
    expect(stderr).toContain("opened a store of dagloupe's own");
  });

  test.each(['serve', 'start'])('%s tells a file of lythonic by itself, and does not alter it', async (command) => {
    const file = await copyFixture('gen4-nested.db', await place());
    const before = await readFile(file);
    const server = await serve([command, file]);
    const answer = await ask<Answer>(server.url, WHAT);
    const { code, stderr } = await server.stop();
    expect(answer).toMatchObject({
      dagRuns: { nodes: [{ dagNsref: 'nested:four_levels' }] },
      server: { writable: false },
    });
    expect(code).toBe(0);
    expect(stderr).toContain('opened a file of lythonic');
    expect(await readFile(file)).toEqual(before);
  });

  test('without a file uses dagloupe.db in the current folder', async () => {
    const here = await place();
    const server = await serve(['serve'], { folder: here });
    await server.stop();
    expect(await readdir(here)).toEqual(['dagloupe.db']);
  });

  test('takes settings from the environment too', async () => {
    const file = join(await place(), 'new.db');
    const server = await serve(['serve', file], {
      variables: { DAGLOUPE_TOKEN: 'open-sesame', DAGLOUPE_LOG_LEVEL: 'silent' },
    });
    const { status } = await fetch(server.url, { method: 'POST' });
    const { stderr } = await server.stop();
    expect({ status, stderr }).toEqual({ status: 401, stderr: '' });
  });

  test('warns of a variable that is misspelt', async () => {
    const file = join(await place(), 'new.db');
    const server = await serve(['serve', file], { variables: { DAGLOUPE_MAX_ROW: '10' } });
    const { stderr } = await server.stop();
    expect(stderr).toContain('DAGLOUPE_MAX_ROW');
    expect(stderr).toContain('no setting has this name');
  });
});

describe('told to stop', () => {
  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'by %s, it records what it was sent before, answers, and ends',
    async (signal) => {
      const file = join(await place(), 'new.db');
      const server = await serve(['serve', file]);
      const mutation = await beginMutation(server.url);
      const end = server.stop(signal);
      await refusesConnections(server);
      expect(await mutation.finish()).toEqual({ data: { createRun: { changed: true, userErrors: [] } } });
      expect((await end).code).toBe(0);

      const { store } = await openStore(file);
      expect(await store.runsByIds(['r1'])).toMatchObject([{ dagNsref: 'etl:daily', status: 'running' }]);
      await store.close();
    },
  );

  test('it cuts off requests that last longer than --stop-timeout-ms', async () => {
    const server = await serve(['serve', join(await place(), 'new.db'), '--stop-timeout-ms', '50']);
    const mutation = await beginMutation(server.url);
    expect((await server.stop()).code).toBe(0);
    await expect(mutation.finish()).rejects.toThrow();
  });

  test('twice at the same time, as npm passes on what a terminal has sent already, it still finishes', async () => {
    const server = await serve(['serve', join(await place(), 'new.db')]);
    const mutation = await beginMutation(server.url);
    void server.stop('SIGINT');
    const end = server.stop('SIGINT');
    await refusesConnections(server);
    await mutation.finish();
    expect((await end).code).toBe(0);
  });

  test('a second time later, it ends at once', async () => {
    const server = await serve(['serve', join(await place(), 'new.db')]);
    const mutation = await beginMutation(server.url);
    void server.stop('SIGINT');
    await refusesConnections(server);
    await setTimeout(600);
    expect((await server.stop('SIGINT')).code).toBe(1);
    await expect(mutation.finish()).rejects.toThrow();
  });
});

test('npm start serves a file too, and passes on that it is to stop', async () => {
  const server = await npmStart([await copyFixture('gen4-nested.db', await place())]);
  const answer = await ask<Answer>(server.url, WHAT);
  const { code, stderr } = await server.stop();
  expect(answer.dagRuns.nodes).toEqual([{ dagNsref: 'nested:four_levels' }]);
  expect(code).toBe(0);
  expect(stderr).toContain('stopping: running requests are finished first');
});

describe('what cannot be served gets one line that says why, and exit code 1', () => {
  async function refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(['serve', ...args, '--log-level', 'silent']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
    return stderr;
  }

  test('a folder', async () => {
    const file = await place();
    expect(await refusal(file)).toContain(`${file} is a folder; give the path of a file in it`);
  });

  test('a file of something else', async () => {
    const file = join(await place(), 'notes.txt');
    await writeFile(file, 'These are notes, and long enough to be read as the head of a file of SQLite: they are not.');
    expect(await refusal(file)).toContain(file);
    expect(await readFile(file, 'utf8')).toMatch(/^These are notes/);
  });

  test('a file in a folder that is not there', async () => {
    const file = join(await place(), 'none', 'new.db');
    expect(await refusal(file)).toContain(`${file}: its folder does not exist`);
  });

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await refusal(join(await place(), 'new.db'), '--port', String(port))).toContain(
      `Cannot listen on 127.0.0.1, port ${port}`,
    );
    other.close();
  });

  test('an address that others can reach, without a token; and no store is made', async () => {
    const here = await place();
    expect(await refusal(join(here, 'new.db'), '--host', '0.0.0.0')).toContain('set a token in DAGLOUPE_TOKEN');
    expect(await readdir(here)).toEqual([]);
  });

  test('documents that cannot be read; and no store is made', async () => {
    const here = await place();
    expect(await refusal(join(here, 'new.db'), '--documents', join(here, 'none.json'))).toContain(
      'none.json cannot be read',
    );
    expect(await readdir(here)).toEqual([]);
  });
});

interface BegunMutation {
  /** Sends the rest and gives the answer. */
  finish(): Promise<unknown>;
}

const MUTATION = JSON.stringify({
  query: 'mutation { createRun(input: { runId: "r1", dagNsref: "etl:daily" }) { changed userErrors { code } } }',
});

/** Sends one half of a mutation: the server has accepted it and waits for the other half. */
async function beginMutation(url: string): Promise<BegunMutation> {
  const headers = { 'content-type': 'application/json', 'content-length': MUTATION.length, expect: '100-continue' };
  const sending: ClientRequest = request(url, { method: 'POST', headers });
  sending.on('error', () => {});
  sending.flushHeaders();
  await once(sending, 'continue');
  sending.write(MUTATION.slice(0, 20));
  return {
    async finish() {
      if (sending.destroyed) throw new Error('the server has cut it off');
      sending.end(MUTATION.slice(20));
      const [response]: IncomingMessage[] = await once(sending, 'response');
      return response && json(response);
    },
  };
}

/** Resolves once the server takes no new connections: it has begun to stop. */
async function refusesConnections({ url }: Serving): Promise<void> {
  for (;;) {
    const isOpen = await fetch(new URL('/health', url)).then(
      () => true,
      () => false,
    );
    if (!isOpen) return;
  }
}
