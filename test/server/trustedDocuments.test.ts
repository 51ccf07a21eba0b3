import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { type Answer, type Harness, NESTED_RUN, send, serveForTest } from './harness.ts';
import { SSE, WEB_SOCKET } from './live.ts';

const QUERY = '{ dagRuns { nodes { runId } } }';
const HASH = createHash('sha256').update(QUERY).digest('hex');
const DATA = { dagRuns: { nodes: [{ runId: 'run-1' }] } };
const DOCUMENTS = {
  [HASH]: QUERY,
  follow: 'subscription Follow($runId: ID!) { dagRunChanges(runId: $runId) { reset } }',
  create: 'mutation { createRun(input: { runId: "run-2", dagNsref: "a:b" }) { changed } }',
};

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'documents.json');
  await writeFile(file, JSON.stringify(DOCUMENTS));
});
afterAll(() => rm(folder, { recursive: true }));

const apollo = (sha256Hash: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

/** What a request can say, in the manners of various clients, and what it is answered. */
function serving(documentsOnly: boolean): () => Harness {
  let harness: Harness;
  beforeAll(async () => {
    harness = await serveForTest({ config: { documents: file, documentsOnly } });
    await harness.store.record(NESTED_RUN);
  });
  afterAll(() => harness[Symbol.asyncDispose]());
  return () => harness;
}

describe.each([
  ['with others', false],
  ['alone', true],
])('A known document, where they are run %s', (_how, documentsOnly) => {
  const harness = serving(documentsOnly);
  const ask = (params: object): Promise<Answer> => harness().ask(params);
  const get = (params: Record<string, string>): Promise<Answer> => {
    return send(harness().port, { path: `/graphql?${new URLSearchParams(params)}` });
  };

  it.each([
    ['its id', { documentId: HASH }],
    ['its id, with a prefix', { documentId: `sha256:${HASH}` }],
    ['its hash', apollo(HASH)],
    ['its hash, beside an empty document', { query: '', ...apollo(HASH) }],
    ['itself', { query: QUERY }],
    ['itself and its hash', { query: QUERY, ...apollo(HASH) }],
  ])('is run for who sends %s', async (_what, params) => {
    expect(await ask(params)).toMatchObject({ status: 200, data: DATA });
  });

  it('is run over GET', async () => {
    expect(await get({ documentId: HASH })).toMatchObject({ status: 200, data: DATA });
    const extensions = JSON.stringify(apollo(HASH).extensions);
    expect(await get({ extensions })).toMatchObject({ status: 200, data: DATA });
  });

  it('is not run over GET if it is a mutation', async () => {
    expect(await get({ documentId: 'create' })).toMatchObject({ status: 405, codes: ['BAD_REQUEST'] });
  });

  it('is followed over server-sent events', async () => {
    const response = await fetch(harness().server.url, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ documentId: 'follow', variables: { runId: 'run-1' } }),
    });
    const { value } = (await response.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {};
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(value).toMatch(/^:/);
  });

  it('is followed over a WebSocket', async () => {
    const operation = { query: '', ...apollo('follow'), variables: { runId: 'run-1' } };
    expect(await firstOver(WEB_SOCKET, operation)).toMatchObject({ data: { dagRunChanges: { reset: true } } });
  });

  it('is not found by a wrong name', async () => {
    for (const documentId of ['nothing', '__proto__', 7, ['create']]) {
      const answer = await ask({ documentId });
      expect(answer).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
      expect(answer.messages[0]).toContain('the file in DAGLOUPE_DOCUMENTS');
    }
  });

  function firstOver(transport: typeof SSE, operation: { query: string }): Promise<unknown> {
    return new Promise((resolve) => {
      const end = transport.subscribe(
        harness().server.url,
        operation,
        { next: resolve, error: resolve, complete: () => end() },
        { retries: 0 },
      );
    });
  }

  if (documentsOnly) {
    it('is all that is run', async () => {
      const refusal = { status: 403, codes: ['FORBIDDEN'] };
      for (const query of ['{ __typename }', '{ __schema { queryType { name } } }', `${QUERY} `, '{ broken']) {
        expect(await ask({ query })).toMatchObject(refusal);
        expect(await get({ query })).toMatchObject(refusal);
        expect(await firstOver(WEB_SOCKET, { query })).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
        expect(await firstOver(SSE, { query })).toMatchObject({ message: expect.stringContaining('403') });
      }
      expect(await ask(apollo('unknown'))).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
    });

    it('is not to be written in GraphiQL', async () => {
      const answer = await send(harness().port, { headers: { accept: 'text/html' } });
      expect(answer).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
    });
  } else {
    it("is asked for in the words of Apollo's protocol where a hash is unknown", async () => {
      const answer = await ask(apollo('unknown'));
      expect(answer).toMatchObject({ status: 200, codes: ['BAD_REQUEST'], messages: ['PersistedQueryNotFound'] });
    });
  }
});

describe('Without a file of documents', () => {
  it('clients are told to send no hashes', async () => {
    await using harness = await serveForTest();
    const answer = await harness.ask(apollo(HASH));
    expect(answer).toMatchObject({ status: 200, codes: ['BAD_REQUEST'], messages: ['PersistedQueryNotSupported'] });
  });

  it('no server starts that is to run only those', async () => {
    const start = serveForTest({ config: { documentsOnly: true } });
    await expect(start).rejects.toMatchObject({ code: 'BAD_REQUEST', message: /DAGLOUPE_DOCUMENTS/ });
  });
});

describe('A server does not start with documents', () => {
  it.each([
    ['that are not there', null, 'ENOENT'],
    ['that are no JSON', '{', 'JSON'],
    ['that are a list', '["{ __typename }"]', 'a JSON object'],
    ['of which one is no text', '{"a": 1}', 'document "a": it has to be a text'],
    ['of which one is no GraphQL', '{"ok": "{ __typename }", "b": "{ dagRuns"}', 'document "b": Syntax Error'],
    ['of which one does not fit the schema', '{"c": "{ nothing }"}', 'document "c": Cannot query field "nothing"'],
  ])('%s', async (_what, text, message) => {
    const broken = join(folder, 'broken.json');
    if (text === null) await rm(broken, { force: true });
    else await writeFile(broken, text);
    const start = serveForTest({ config: { documents: broken } });
    await expect(start).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(message) });
    await expect(start).rejects.toMatchObject({ message: expect.stringContaining(broken) });
  });
});
