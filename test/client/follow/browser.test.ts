import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, created, finished, started } from '../../support/events.ts';
import { Site } from './site.ts';

const SRC = new URL('../../../src/', import.meta.url);
const ENTRY = 'client/follow/follow.ts';

const { DAGLOUPE_TEST_BROWSER = '' } = process.env;
const executablePath =
  [DAGLOUPE_TEST_BROWSER, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';

/** A file of src as browsers take it. */
function code(path: string): string {
  return stripTypeScriptTypes(readFileSync(new URL(path, SRC), 'utf8'));
}

/** All that is imported, from a file on; files by their path in src. */
function importedFrom(path: string, found = new Set<string>()): Set<string> {
  for (const [, specifier = ''] of code(path).matchAll(/^(?:import|export)\b[^'";]*\bfrom '([^']+)'/gm)) {
    const isFile = specifier.startsWith('.');
    const name = isFile ? posix.join(posix.dirname(path), specifier) : specifier;
    if (found.has(name)) continue;
    found.add(name);
    if (isFile) importedFrom(name, found);
  }
  return found;
}

describe('the following client', () => {
  it('imports nothing but files of this project', () => {
    const imported = [...importedFrom(ENTRY)];
    expect(imported).toContain('client/follow/sse.ts');
    expect(imported.filter((name) => !name.endsWith('.ts'))).toEqual([]);
  });
});

describe.skipIf(executablePath === '')('in a browser (skipped without one: DAGLOUPE_TEST_BROWSER names it)', () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath, args, headless: true });
  }, 60_000);
  afterAll(() => browser.close());

  /** A page of the server's own site, which finds the client there too. */
  async function open(site: Site): Promise<Page> {
    const page = await browser.newPage();
    await page.route('**/src/**', (route) => {
      const path = new URL(route.request().url()).pathname.replace('/src/', '');
      return route.fulfill({ contentType: 'text/javascript', body: code(path) });
    });
    await page.goto(new URL('/health', site.url).href);
    return page;
  }

  it('follows a run to its end, over a connection that is cut', async () => {
    await using site = await Site.open();
    await site.writeAll([created('root', { dagNsref: 'd' }), started('root', 'm')]);
    const page = await open(site);
    const hasTree = Promise.withResolvers<void>();
    await page.exposeFunction('hasTree', hasTree.resolve);
    const following = page.evaluate(follow(site.url));
    await hasTree.promise;
    site.passage.cut();
    await site.writeAll([
      created('part', { dagNsref: 'd/m[0]', parentRunId: 'root' }),
      finished('part'),
      completed('root', 'm'),
      finished('root'),
    ]);
    expect(await following).toEqual({
      status: 'COMPLETED',
      parts: ['m[0]'],
      states: ['connected', 'lost', 'connected'],
    });
    await page.close();
  }, 60_000);
});

/** Runs in the page. A text, since the import is to be the browser's own. */
function follow(url: string): string {
  return `(async () => {
    const { followRun } = await import('/src/${ENTRY}');
    const states = [];
    const options = { retryDelay: () => 500, onConnection: ({ state }) => states.push(state) };
    let result = {};
    for await (const { tree } of followRun('${url}', 'root', options)) {
      hasTree();
      result = { status: tree.run.status, parts: tree.partsOf('root', 'm').map(({ key }) => key) };
    }
    return { ...result, states };
  })()`;
}
