import { readFileSync } from 'node:fs';
import { access, chmod, readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { copyFixture } from '../../support/lythonicFixtures.ts';
import { openAsNobody } from './asNobody.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

async function statusesOfLast(path: string): Promise<Record<string, string>> {
  const store = await openLythonicStore(path);
  const [newest] = await store.runPage({}, { limit: 1 });
  const nodes = await store.nodesByRuns(newest ? [newest.runId] : [], {}, 10);
  await store.close();
  return Object.fromEntries(nodes.map(({ nodeLabel, status }) => [nodeLabel, status]));
}

describe.each(['gen0', 'gen1', 'gen2', 'gen3', 'gen4'])('A file of %s', (generation) => {
  test('whose writer was killed in a commit is rolled back, as SQLite does', async () => {
    const path = await copyFixture(`${generation}-hot-journal.db`, folder);
    expect(await statusesOfLast(path)).toEqual({ extract: 'completed', load: 'running' });
    expect(await readdir(folder)).toEqual([`${generation}-hot-journal.db`]);
    const rolledBack = readFileSync(path);
    // Nothing is left to be rolled back: from now on it stays as it is.
    expect(await statusesOfLast(path)).toEqual({ extract: 'completed', load: 'running' });
    expect(readFileSync(path).equals(rolledBack)).toBe(true);
  });

  test('would tell something else without its journal', async () => {
    const path = await copyFixture(`${generation}-hot-journal.db`, folder);
    await rm(`${path}-journal`);
    const told = await statusesOfLast(path).catch(() => 'nothing');
    expect(told).not.toEqual({ extract: 'completed', load: 'running' });
  });

  test('whose writer was killed before the commit is read as it is, and its journal left alone', async () => {
    const path = await copyFixture(`${generation}-cold-journal.db`, folder);
    const before = [readFileSync(path), readFileSync(`${path}-journal`)];
    expect(await statusesOfLast(path)).toEqual({ extract: 'completed', load: 'running' });
    expect([readFileSync(path), readFileSync(`${path}-journal`)]).toEqual(before);
  });
});

test('Who may only read a file can read it, but not one that has to be rolled back', async (context) => {
  const whole = await copyFixture('gen4-linear.db', folder);
  const broken = await copyFixture('gen4-hot-journal.db', folder);
  for (const path of [folder, whole, broken, `${broken}-journal`]) await chmod(path, 0o755);
  const answer = await openAsNobody(whole);
  if (answer === 'not possible here') return context.skip();
  expect(answer).toBe('opened');
  expect(await openAsNobody(broken)).toMatchObject({ message: expect.stringMatching(`${broken}.*permissions`) });
  await access(`${broken}-journal`);
});

test('Who may not even read a file is told so', async (context) => {
  const path = await copyFixture('gen4-linear.db', folder);
  await chmod(folder, 0o755);
  await chmod(path, 0o600);
  const answer = await openAsNobody(path);
  if (answer === 'not possible here') return context.skip();
  expect(answer).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(`${path}.*permissions`),
  });
});
