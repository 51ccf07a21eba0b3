import http from 'node:http';
import * as consumers from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { RunEvent } from '../../src/model.ts';
import type { Store } from '../../src/store/store.ts';
import { type Harness, overriding, serveForTest } from './harness.ts';

const NODES = 2_000;
const EVENTS: readonly RunEvent[] = [
  { type: 'runCreated', runId: 'wide', dagNsref: 'a:b', sourceInputsJson: '{}' },
  ...Array.from({ length: NODES }, (_, index): RunEvent => {
    return { type: 'nodeStarted', runId: 'wide', nodeLabel: `a node with a long label, ${index}` };
  }),
];
const LARGE = '{ dagRun(runId: "wide") { nodes { nodeLabel statusText } } }';
const SMALL = '{ dagRun(runId: "wide") { runId } }';

/** What takes long to find out is written in slices. */
const slow = (store: Store) =>
  overriding(store, {
    async runsByIds(runIds) {
      await sleep(30);
      return store.runsByIds(runIds);
    },
  });

describe.each([
  ['at once', (store: Store) => store],
  ['in slices', slow],
])('A large answer that is written %s', (_how, wrap) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await serve('always', wrap);
  });
  afterAll(() => harness[Symbol.asyncDispose]());

  it.each([
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['GZIP;q=0.5 , *;q=0', 'gzip'],
    ['gzip;q=0, zstd;q=0.0', undefined],
    ['br, deflate, identity', undefined],
    ['', undefined],
  ])('is for those who accept %j compressed as %s', async (accepted, encoding) => {
    const { headers, bytes } = await get(harness, LARGE, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('accept-encoding');
    expect(JSON.parse(decoded(bytes, encoding)).data.dagRun.nodes).toHaveLength(NODES);
    if (encoding) expect(bytes.length).toBeLessThan(30_000);
  });

  it('comes whole though the client hangs up on others', async () => {
    const request = http.get(urlOf(harness, LARGE), (response) => response.destroy());
    await new Promise((resolve) => request.on('close', resolve).on('error', resolve));
    const { bytes } = await get(harness, LARGE, {});
    expect(JSON.parse(bytes.toString()).data.dagRun.nodes).toHaveLength(NODES);
    expect(harness.log.filter(({ level }) => level > 30)).toEqual([]);
  });
});

describe('A small answer', () => {
  it('is never compressed', async () => {
    await using harness = await serve('always');
    const { headers } = await get(harness, SMALL, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });
});

describe('A client on this machine', () => {
  it('gets answers as they are, unless it passes them on', async () => {
    await using harness = await serve('network');
    const accepting = { 'accept-encoding': 'gzip' };
    expect((await get(harness, LARGE, accepting)).headers['content-encoding']).toBeUndefined();
    const forwarding = { ...accepting, 'x-forwarded-for': '192.0.2.1' };
    expect((await get(harness, LARGE, forwarding)).headers['content-encoding']).toBe('gzip');
  });
});

describe('Compression that is turned off', () => {
  it('is for nobody', async () => {
    await using harness = await serve('never');
    const headers = { 'accept-encoding': 'gzip', 'x-forwarded-for': '192.0.2.1' };
    const answer = await get(harness, LARGE, headers);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toBeUndefined();
  });
});

describe('An event stream', () => {
  it('is never compressed', async () => {
    await using harness = await serve('always');
    const headers = { accept: 'text/event-stream', 'accept-encoding': 'gzip' };
    const answer = await get(harness, LARGE, headers);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.bytes.toString()).toContain('event: complete');
  });
});

async function serve(compress: Config['compress'], wrap?: (store: Store) => Store): Promise<Harness> {
  const harness = await serveForTest({ config: { compress }, ...(wrap && { wrap }) });
  await harness.store.record(EVENTS);
  return harness;
}

function urlOf({ server }: Harness, query: string): string {
  return `${server.url}?query=${encodeURIComponent(query)}`;
}

function get(
  harness: Harness,
  query: string,
  headers: Record<string, string>,
): Promise<{ headers: http.IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = http.get(urlOf(harness, query), { headers, agent: false }, async (response) => {
      resolve({ headers: response.headers, bytes: await consumers.buffer(response) });
    });
    request.on('error', reject);
  });
}

function decoded(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === 'zstd') return zstdDecompressSync(bytes).toString();
  return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}
