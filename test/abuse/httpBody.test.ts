import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, send, serveForTest } from '../server/harness.ts';

const MiB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest();
});
afterEach(async () => {
  expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200, codes: [] });
});
afterAll(() => harness[Symbol.asyncDispose]());

function sendBody(body: string | Uint8Array | AsyncIterable<Uint8Array>, headers: Record<string, string> = JSON_TYPE) {
  return send(harness.port, { method: 'POST', headers, body });
}

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(size, ' ');
  for (let i = 0; i < count; i++) yield piece;
}

describe('A body that is too large is refused', () => {
  it('by what it says of its length', async () => {
    const answer = await sendBody(Buffer.alloc(50 * MiB, ' '));
    expect(answer).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] });
    expect(answer.messages[0]).toContain(`more than ${32 * MiB} bytes`);
  });

  it('while it comes, when it does not say how long it is', async () => {
    expect(await sendBody(pieces(50, MiB))).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] });
  });

  it('by one byte', async () => {
    await using small = await serveForTest({ config: { maxBodyBytes: 2000 } });
    const body = (length: number) => JSON.stringify({ query: '{ __typename }' }).padEnd(length);
    expect(await small.ask(body(2000))).toMatchObject({ status: 200 });
    expect(await small.ask(body(2001))).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] });
  });

  it('and the connection goes on to serve', async () => {
    const options = { method: 'POST', headers: JSON_TYPE };
    const tooLarge = await fetch(harness.server.url, { ...options, body: Buffer.alloc(33 * MiB) });
    expect(tooLarge.status).toBe(413);
    await tooLarge.body?.cancel();
    const next = await fetch(harness.server.url, { ...options, body: '{"query":"{ __typename }"}' });
    expect(next.status).toBe(200);
    await next.body?.cancel();
  });
});

describe('A body that is larger as values than as a text is refused', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);

  it.each([
    ['itself', deep],
    ['a variable', `{"query":"query ($v: String) { __typename }","variables":{"v":${deep}}}`],
    ['what nobody looks at', `{"query":"{ __typename }","extensions":{"v":${deep}}}`],
    ['all it has, and unclosed', '{"a":'.repeat(5_000_000)],
  ])('when it nests 10,000 deep: %s', async (_what, body) => {
    const answer = await sendBody(body);
    expect(answer).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] });
    expect(answer.messages).toEqual(['The JSON in the body nests deeper than 1000 levels. Send less at once.']);
  });

  it.each(['[],', '{},', '0,', '{"a":0},'])('when it has millions of values: %s', async (value) => {
    const list = `[${value.repeat(3_000_000)}0]`;
    const answer = await sendBody(`{"query":"{ __typename }","variables":{"v":${list}}}`);
    expect(answer).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] });
    expect(answer.messages).toEqual(['The JSON in the body has more than 1000000 values. Send less at once.']);
  });

  it('but not for what its texts contain', async () => {
    const payload = JSON.stringify('[{"\\":",,,"},'.repeat(1_000_000));
    expect(await sendBody(`{"query":"{ __typename }","variables":{"v":${payload}}}`)).toMatchObject({ status: 200 });
  });
});

describe('A variable that nests 900 deep', () => {
  const deep = '['.repeat(900) + ']'.repeat(900);
  it.each(['String', 'ID', 'DateTime', '[String]', 'DagRunFilter'])('has not the type %s', async (type) => {
    const body = `{"query":"query ($v: ${type}) { __typename }","variables":{"v":${deep}}}`;
    const answer = await sendBody(body, { ...JSON_TYPE, accept: 'application/graphql-response+json' });
    expect(answer).toMatchObject({ status: 400 });
    expect(new Set(answer.codes)).toEqual(new Set(['BAD_REQUEST']));
    expect(answer.messages[0]?.length).toBeLessThan(1000);
  });
});

describe('A body that is no operation', () => {
  it.each([
    ['nothing', ''],
    ['half an object', '{"query":'],
    ['JavaScript', "{query: '{ __typename }'}"],
    ['NaN', '{"query":"{ __typename }","variables":{"x":NaN}}'],
    ['a text', '"{ __typename }"'],
    ['a number', '1'],
    ['null', 'null'],
    ['a batch', '[{"query":"{ __typename }"},{"query":"{ __typename }"}]'],
    ['an empty batch', '[]'],
    ['an empty object', '{}'],
    ['a prototype', '{"__proto__":{"query":"{ __typename }"}}'],
  ])('such as %s is refused', async (_what, body) => {
    expect(await sendBody(body)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
  });

  it('such as bytes that are not UTF-8 is refused', async () => {
    const answer = await sendBody(Buffer.from([0x22, 0xff, 0xfe, 0x22]));
    expect(answer).toMatchObject({
      status: 400,
      codes: ['BAD_REQUEST'],
      messages: ['The body is not JSON: it is not UTF-8'],
    });
  });
});

describe('A type of body that a page can send to another site without asking is refused', () => {
  const body = '{"query":"{ __typename }"}';
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'application/json-patch+json',
    'text/plain; application/json',
    'application/json; charset=utf-16',
  ])('%s', async (type) => {
    const answer = await sendBody(body, { 'content-type': type });
    expect(answer).toMatchObject({ status: 415, codes: ['BAD_REQUEST'] });
    expect(answer.messages[0]).toContain('application/json');
  });

  it('none at all', async () => {
    expect(await sendBody(body, {})).toMatchObject({ status: 415, codes: ['BAD_REQUEST'] });
  });

  it('but JSON is taken as it may be written', async () => {
    expect(await sendBody(body, { 'content-type': 'Application/JSON ; Charset="UTF-8"' })).toMatchObject({
      status: 200,
    });
  });

  it('and so is a compressed one, which could grow', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect(await sendBody(gzipSync(body), headers)).toMatchObject({ status: 415, codes: ['BAD_REQUEST'] });
  });
});

describe('A URL', () => {
  it.each(['variables', 'extensions'])('with %s that are not JSON is refused', async (name) => {
    const answer = await send(harness.port, { path: `/graphql?query={__typename}&${name}={` });
    expect(answer).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
    expect(answer.messages).toEqual([`The parameter "${name}" in the URL is not JSON.`]);
  });

  it.each([
    '',
    '?',
    '?query=',
    '?query=%',
    '?query=%ff',
    '?query={__typename}&variables=1',
    '?query={__typename}&variables=[]',
  ])('that ends in %s is refused', async (search) => {
    expect(await send(harness.port, { path: `/graphql${search}` })).toMatchObject({
      codes: ['BAD_REQUEST'],
      data: undefined,
    });
  });
});
