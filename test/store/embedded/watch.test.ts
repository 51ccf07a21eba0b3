import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommitWatch } from '../../../src/store/embedded/watch.ts';
import { temporaryFolder } from '../../support/folder.ts';

let folder: string;
let watch: CommitWatch;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  watch.stop();
  await rm(folder, { recursive: true });
});

test('A version that cannot be read, for any reason, ends nothing: the next look finds what was committed', async () => {
  let looks = 0;
  let commits = 0;
  const version = (): string => {
    looks += 1;
    if (looks > 1 && looks < 4) throw new Error('the disk is away');
    return looks < 4 ? 'before' : 'after';
  };
  watch = new CommitWatch(join(folder, 'runs.db'), version, () => {
    commits += 1;
  });
  watch.start();
  await expect.poll(() => commits, { timeout: 10_000 }).toBe(1);
  expect(looks).toBeGreaterThanOrEqual(4);
});

test('Watching begins also while the version cannot be read', async () => {
  let isAway = true;
  let commits = 0;
  const version = (): string => {
    if (isAway) throw new Error('the disk is away');
    return 'new';
  };
  watch = new CommitWatch(join(folder, 'runs.db'), version, () => {
    commits += 1;
  });
  watch.start();
  isAway = false;
  await expect.poll(() => commits, { timeout: 10_000 }).toBe(1);
});
