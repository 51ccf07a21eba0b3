import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { run } from './program.ts';

const COMMITTED = new URL('../../schema.graphql', import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => rm(folder, { recursive: true }));

test('schema prints what schema.graphql holds', async () => {
  const { code, stdout, stderr } = await run(['schema']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(await readFile(COMMITTED, 'utf8'));
});

test('schema --check is silent about a file that holds the schema', async () => {
  expect(await run(['schema', '--check', COMMITTED])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('schema --check fails for a file that holds another, and says how to bring it up to date', async () => {
  const file = join(folder, 'old.graphql');
  await writeFile(file, 'type Query { old: Int }\n');
  expect(await run(['schema', '--check', file])).toEqual({
    code: 1,
    stdout: '',
    stderr: `dagloupe: ${file} is not the schema that the code defines; bring it up to date with: dagloupe schema > ${file}\n`,
  });
});

test('schema --check of a missing file names it', async () => {
  const { code, stderr } = await run(['schema', '--check', join(folder, 'none.graphql')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^dagloupe: \S+none\.graphql cannot be read: [^\n]+\n$/);
});
