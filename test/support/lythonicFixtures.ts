import { copyFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where the files stand that lythonic itself wrote, and what it said about each. */
export const FIXTURES = join(import.meta.dirname, '../fixtures/lythonic');

/** Copies a fixture, with its journal if it has one, and gives the path of the copy: whoever reads a file may change it. */
export async function copyFixture(name: string, folder: string): Promise<string> {
  const path = join(folder, basename(name));
  await copyFile(join(FIXTURES, name), path);
  if ((await readdir(FIXTURES)).includes(`${name}-journal`)) {
    await copyFile(join(FIXTURES, `${name}-journal`), `${path}-journal`);
  }
  return path;
}
