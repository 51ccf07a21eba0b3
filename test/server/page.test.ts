import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { EXAMPLE_QUERY } from '../../src/server/page.ts';
import { send, serveForTest } from './harness.ts';

describe('GraphiQL', () => {
  it('is what a browser gets at /graphql', async () => {
    await using harness = await serveForTest();
    const response = await fetch(harness.server.url, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('query RecentRuns');
  });

  it('brings everything along: it loads nothing, from nowhere', async () => {
    await using harness = await serveForTest();
    const response = await fetch(harness.server.url, { headers: { accept: 'text/html' } });
    const page = await response.text();
    const head = page.slice(0, page.indexOf('<script'));
    expect(page).not.toMatch(/<script[^>]*\ssrc=/i);
    expect(page).not.toMatch(/<link[^>]*\shref="(?!data:)/i);
    expect(head).not.toMatch(/@import|url\((?!["']?(data:|#))/i);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).not.toMatch(/https?:|\*/);
  });

  it('cannot be put into the frame of another page', async () => {
    await using harness = await serveForTest();
    const { headers } = await fetch(harness.server.url, { headers: { accept: 'text/html' } });
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('starts with a query that is valid and is answered', async () => {
    await using harness = await serveForTest();
    expect(validate(schema, parse(EXAMPLE_QUERY))).toEqual([]);
    expect(await harness.ask({ query: EXAMPLE_QUERY })).toMatchObject({ codes: [], data: { dagRuns: { nodes: [] } } });
  });

  it('opens by a link from another site, which tells that site nothing', async () => {
    await using harness = await serveForTest();
    const headers = {
      accept: 'text/html',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await send(harness.port, { headers })).status).toBe(200);
    expect((await send(harness.port, { path: '/', headers })).status).toBe(302);
    expect((await send(harness.port, { headers: { ...headers, accept: '*/*' } })).status).toBe(403);
    expect((await send(harness.port, { headers: { ...headers, 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
  });
});
