import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, NESTED_RUN, serveForTest } from './harness.ts';

const { DAGLOUPE_TEST_BROWSER = '' } = process.env;
const executablePath =
  [DAGLOUPE_TEST_BROWSER, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';

/** Quiet, and fit to run as root in a container. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(executablePath === '')(
  'GraphiQL in a browser (skipped without one: DAGLOUPE_TEST_BROWSER names it)',
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
    }, 60_000);
    afterAll(() => browser.close());

    /** Opens the page without a way to any other place, and keeps what it tried to reach and what it complained of. */
    async function open(harness: Harness): Promise<{ page: Page; foreign: string[]; complaints: string[] }> {
      const page = await browser.newPage();
      const foreign: string[] = [];
      const complaints: string[] = [];
      await page.route('**', (route) => {
        const url = new URL(route.request().url());
        if (url.origin === harness.base || url.protocol === 'blob:' || url.protocol === 'data:')
          return route.continue();
        foreign.push(url.href);
        return route.abort();
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await page.goto(harness.server.url);
      return { page, foreign, complaints };
    }

    it('shows the runs of a store, and needs nothing from elsewhere', async () => {
      await using harness = await serveForTest();
      await harness.store.record(NESTED_RUN);
      const { page, foreign, complaints } = await open(harness);
      await page.getByRole('button', { name: /Execute query/ }).click();
      const result = page.locator('.result-window');
      await result.getByText('"pipelines:daily"').waitFor();
      await result.getByText('"inner_step"').waitFor();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    }, 120_000);

    it('asks for the token of a server that has one, and takes it as a header', async () => {
      await using harness = await serveForTest({ config: { token: 'open-sesame' } });
      await harness.store.record(NESTED_RUN);
      const { page, foreign } = await open(harness);
      await page.getByRole('button', { name: /Execute query/ }).click();
      await page.locator('.result-window').getByText('UNAUTHENTICATED').waitFor();
      await page.getByRole('button', { name: 'Headers' }).click();
      await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').click();
      await page.keyboard.insertText('{"Authorization": "Bearer open-sesame"}');
      await page.getByRole('button', { name: /Execute query/ }).click();
      await page.locator('.result-window').getByText('"pipelines:daily"').waitFor();
      expect(foreign).toEqual([]);
      await page.close();
    }, 120_000);
  },
);
