import { describe, expect, it } from 'vitest';
import { send, serveForTest } from './harness.ts';

const QUERY = { query: '{ __typename }' };

describe('A server with a token', () => {
  it('answers who has it', async () => {
    await using harness = await serveForTest({ config: { token: 'open-sesame' } });
    expect(await harness.ask(QUERY, { authorization: 'Bearer open-sesame' })).toMatchObject({ status: 200, codes: [] });
    expect(await harness.ask(QUERY, { authorization: 'bearer  open-sesame' })).toMatchObject({
      status: 200,
      codes: [],
    });
  });

  it('tells who has none how to send it, on 127.0.0.1 too', async () => {
    await using harness = await serveForTest({ config: { token: 'open-sesame' } });
    const answer = await harness.ask(QUERY);
    expect(answer).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
    expect(answer.messages).toEqual(['This server wants a token: send the header "Authorization: Bearer TOKEN".']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="dagloupe"');
  });

  it.each(['Bearer open-sesam', 'Bearer open-sesame2', 'Bearer OPEN-SESAME', `Bearer ${'x'.repeat(5000)}`])(
    'refuses the wrong one: %s',
    async (authorization) => {
      await using harness = await serveForTest({ config: { token: 'open-sesame' } });
      const answer = await harness.ask(QUERY, { authorization });
      expect(answer).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="dagloupe", error="invalid_token"');
    },
  );

  it.each([
    'open-sesame',
    'Basic open-sesame',
    'Token open-sesame',
    'Bearer',
    'Bearer ',
    'Bearer open sesame',
    'Beareropen-sesame',
  ])('refuses the header "%s", which is no Bearer token', async (authorization) => {
    await using harness = await serveForTest({ config: { token: 'open-sesame' } });
    expect(await harness.ask(QUERY, { authorization })).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
    expect(await harness.ask(QUERY, { authorization: 'Bearer open-sesame' })).toMatchObject({ status: 200 });
  });

  it('asks for it everywhere but at /health and on the empty page', async () => {
    await using harness = await serveForTest({ config: { token: 'open-sesame' } });
    const status = async (path: string, accept: string) =>
      (await send(harness.port, { path, headers: { accept } })).status;
    expect(await status('/graphql?query={__typename}', '*/*')).toBe(401);
    expect(await status('/nothing', 'text/html')).toBe(401);
    expect(await status('/health', '*/*')).toBe(200);
    const page = await fetch(`${harness.base}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain('open-sesame');
  });

  it('never logs it', async () => {
    await using harness = await serveForTest({ config: { token: 'open-sesame' } });
    await harness.ask(QUERY, { authorization: 'Bearer open-sesame' });
    await harness.ask(QUERY, { authorization: 'Bearer another-secret' });
    expect(JSON.stringify(harness.log)).not.toMatch(/sesame|another-secret/);
  });
});
