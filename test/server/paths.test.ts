import { describe, expect, it } from 'vitest';
import { send, serveForTest } from './harness.ts';

describe('The paths of a server', () => {
  it('lead from the root to GraphQL', async () => {
    await using harness = await serveForTest();
    const response = await fetch(harness.base, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/graphql');
  });

  it.each(['/nothing', '/graphql/', '/graphqlx', '//graphql', '/graphql%2f', 'http://127.0.0.1/graphql'])(
    'end at %s, with a hint',
    async (path) => {
      await using harness = await serveForTest();
      const answer = await send(harness.port, { path });
      expect(answer).toMatchObject({ status: 404, codes: ['BAD_REQUEST'] });
      expect(answer.messages).toEqual(['There is nothing here. GraphQL is at /graphql, health at /health.']);
    },
  );

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('do not take %s', async (method) => {
    await using harness = await serveForTest();
    const answer = await send(harness.port, { method });
    expect(answer).toMatchObject({ status: 405, codes: ['BAD_REQUEST'] });
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  it('give no other site a right to read', async () => {
    await using harness = await serveForTest();
    const { headers } = await harness.ask({ query: '{ __typename }' });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('are all answered in a way that nobody keeps or takes for something else', async () => {
    await using harness = await serveForTest();
    const query = (text: string): string => `/graphql?query=${encodeURIComponent(text)}`;
    const answers = [
      await send(harness.port, { path: '/' }),
      await send(harness.port, { path: '/health' }),
      await send(harness.port, { path: '/graphql', headers: { accept: 'text/html' } }),
      await send(harness.port, { path: query('{ __typename }') }),
      await send(harness.port, { path: query('{') }),
      await send(harness.port, { path: query('mutation { __typename }') }),
      await send(harness.port, { path: '/nothing' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([302, 200, 200, 200, 200, 405, 404]);
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('answer queries by GET, and refuse mutations there', async () => {
    await using harness = await serveForTest();
    const get = (query: string) => send(harness.port, { path: `/graphql?query=${encodeURIComponent(query)}` });
    expect(await get('{ __typename }')).toMatchObject({ status: 200, data: { __typename: 'Query' } });
    expect(await get('mutation { __typename }')).toMatchObject({ status: 405, codes: ['BAD_REQUEST'] });
  });
});
