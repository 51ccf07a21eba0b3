import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, send, serveForTest } from '../server/harness.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const BODY = '{"query":"{ __typename }"}';

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest({ config: { allowedHosts: ['dags.example.com'] } });
});
afterAll(async () => {
  expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  await harness[Symbol.asyncDispose]();
});

function sendWith(headers: Record<string, string>) {
  return send(harness.port, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: BODY });
}

describe('A name that is not the name of the server', () => {
  it.each([
    'evil.example',
    'evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example#127.0.0.1',
    '192.168.1.1',
    '0.0.0.0',
    '[::2]',
    '[::1',
    'localhost:evil',
    ' ',
  ])('is refused in the Host header: %s', async (host) => {
    const answer = await sendWith({ host });
    expect(answer).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
    expect(answer.messages[0]).toContain('DAGLOUPE_ALLOWED_HOSTS');
  });

  it.each(['/', '/health', '/nothing', '/graphql?query={__typename}'])('is refused at %s too', async (path) => {
    expect(await send(harness.port, { path, headers: { host: 'evil.example' } })).toMatchObject({
      status: 403,
      codes: ['FORBIDDEN'],
    });
  });

  it.each([
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]:4000',
    'dags.example.com',
    'dags.example.com:8443',
  ])('is not %s', async (host) => {
    expect(await sendWith({ host })).toMatchObject({ status: 200 });
  });

  it('is not the address that a connection came to, when the server listens on all', async () => {
    await using open = await serveForTest({ config: { host: '0.0.0.0', token: 'secret' } });
    const status = async (host: string) => (await send(open.port, { path: '/health', headers: { host } })).status;
    expect(await status('127.0.0.1:1')).toBe(200);
    expect(await status('192.0.2.7')).toBe(403);
  });
});

describe('A request from the page of another site', () => {
  it.each([
    'http://evil.example',
    'https://127.0.0.1.evil.example',
    'http://127.0.0.1:1',
    'http://localhost',
    'null',
    'file://',
    'chrome-extension://abc',
    '127.0.0.1',
    '',
  ])('is refused by its Origin: %s', async (origin) => {
    const answer = await sendWith({ origin });
    expect(answer).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['cross-site', 'same-site', 'anything'])('is refused by Sec-Fetch-Site: %s', async (site) => {
    expect(await sendWith({ 'sec-fetch-site': site })).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
  });

  it('is refused by GET, as an image or a script would be loaded', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
      accept: 'text/html',
    };
    expect(await send(harness.port, { path: '/graphql?query={__typename}', headers })).toMatchObject({
      status: 403,
      codes: ['FORBIDDEN'],
    });
  });

  it('is refused when it asks whether it may', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    const answer = await send(harness.port, { method: 'OPTIONS', headers });
    expect(answer).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
  });

  it('is refused even with the token', async () => {
    await using guarded = await serveForTest({ config: { token: 'secret' } });
    const headers = { authorization: 'Bearer secret', origin: 'http://evil.example' };
    expect(await guarded.ask({ query: '{ __typename }' }, headers)).toMatchObject({
      status: 403,
      codes: ['FORBIDDEN'],
    });
  });
});

describe('A request from a page of the server itself', () => {
  it('is answered', async () => {
    const headers = { origin: harness.base, 'sec-fetch-site': 'same-origin' };
    expect(await sendWith(headers)).toMatchObject({ status: 200 });
  });

  it('is answered through a proxy that adds TLS', async () => {
    const headers = { origin: 'https://dags.example.com', host: 'dags.example.com' };
    expect(await sendWith(headers)).toMatchObject({ status: 200 });
    expect(await sendWith({ ...headers, host: 'dags.example.com:443' })).toMatchObject({ status: 200 });
    expect(await sendWith({ ...headers, host: 'dags.example.com:8443' })).toMatchObject({ status: 403 });
  });
});
