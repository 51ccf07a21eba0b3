import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsupportedNode } from '../../src/commands/nodeCheck.ts';
import { oldestNode } from '../../src/version.ts';
import { temporaryFolder } from '../support/folder.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const run = promisify(execFile);

test.each(['22.18.0', '22.18', '22.19.0', '23.0.0', '26.10.0', '100.0.0'])('Node %s can run it', (running) => {
  expect(unsupportedNode(running, '22.18')).toBeNull();
});

test.each(['22.17.9', '22.9.0', '20.20.2', '18.0.0', '16.20.2', '9.99.99', '0.10.48'])('Node %s cannot', (running) => {
  expect(unsupportedNode(running, '22.18')).toContain(`needs Node 22.18 or newer, and this is Node ${running}`);
});

test('the oldest Node is the one that the package asks for', async () => {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  expect(engines).toEqual({ node: `>=${oldestNode}` });
});

/** The first Node on the PATH, outside this project, that is too old. */
async function findOldNode(): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  for (const folder of folders) {
    const node = join(folder, 'node');
    const version = await run(node, ['-p', 'process.versions.node']).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    );
    if (version !== null && unsupportedNode(version, oldestNode) !== null) return node;
  }
  return null;
}

const oldNode = await findOldNode();

describe.runIf(oldNode !== null)('what is published, under an older Node', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder, 'dist'));
    await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [
      tsc,
      '-p',
      join(ROOT, 'tsconfig.build.json'),
      '--noCheck',
      '--outDir',
      join(folder, 'dist'),
    ]);
  });

  afterAll(() => rm(folder, { recursive: true }));

  test.each([['--version'], ['serve', 'a.db'], ['inspect', 'a.db']])(
    '%s says which Node it needs, and exit code 1',
    async (...args) => {
      const failure = await run(oldNode ?? '', [join(folder, 'dist/cli.js'), ...args], { cwd: folder }).catch(
        (error) => error,
      );
      expect(failure).toMatchObject({ code: 1, stdout: '' });
      expect(failure.stderr).toMatch(
        /^dagloupe: needs Node 22\.18 or newer, and this is Node \d+[^\n]+npm start[^\n]+\n$/,
      );
    },
  );
});
