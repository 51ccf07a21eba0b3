/** The real lythonic writes runs into a file while dagloupe serves that very file. Left out where it cannot be installed. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Installation, installLythonic } from './install.ts';
import { Onlooker } from './onlooker.ts';
import { type JournalMode, Site } from './site.ts';
import { runsIn, type ToldRun } from './told.ts';
import { Writer } from './writer.ts';

let installed: Installation;
let python: string;
beforeAll(async () => {
  installed = await installLythonic();
  if ('python' in installed) python = installed.python;
  else process.stderr.write(`Nothing is tested with the real lythonic: ${installed.missing}\n`);
}, 400_000);
beforeEach(({ skip }) => {
  if ('missing' in installed) skip(installed.missing);
});

const PATIENT = { timeout: 10_000 };

describe.each<JournalMode>(['delete', 'wal'])('While lythonic writes a file in journal mode %s', (mode) => {
  test('who follows its runs from their start ends with what lythonic itself tells of them', async () => {
    await using site = await Site.open(python, mode);
    await using onlooker = await Onlooker.at(site.url);
    await using writer = new Writer({ python, file: site.file, runs: 6, seed: 1 });
    expect(await writer.failures()).toEqual([]);

    const told = await site.lythonic();
    expect(Object.keys(told)).toHaveLength(6);
    expect(new Set(Object.values(told).map(({ status }) => status))).toEqual(new Set(['completed', 'failed']));
    await expect.poll(() => onlooker.trees, PATIENT).toEqual(told);
    await expect.poll(() => onlooker.statuses, PATIENT).toEqual(statusesOf(told));
    await expect.poll(() => onlooker.completed, PATIENT).toEqual(new Set(endedIn(told)));
    expect(onlooker.losses).toBe(0);
  });

  test('a server that is restarted costs nobody who follows them anything', async () => {
    await using site = await Site.open(python, mode);
    await using onlooker = await Onlooker.at(site.url);
    await using writer = new Writer({ python, file: site.file, runs: 6, seed: 2 });
    for (const count of [15, 45]) {
      await writer.hasCommitted(count);
      await site.restart(() => writer.hasCommitted(count + 10));
    }
    expect(await writer.failures()).toEqual([]);

    const told = await site.lythonic();
    await expect.poll(() => onlooker.trees, PATIENT).toEqual(told);
    await expect.poll(() => mapValues(onlooker.statuses, lastOf), PATIENT).toEqual(mapValues(statusesOf(told), lastOf));
    await expect.poll(() => onlooker.completed, PATIENT).toEqual(new Set(endedIn(told)));
    expect(onlooker.losses).toBeGreaterThan(0);
    expect(onlooker.resets.toSorted()).toEqual(['all runs', ...Object.keys(told)].toSorted());
  });

  test('its death leaves runs open, and the next writer goes on with others', async () => {
    await using site = await Site.open(python, mode);
    await using onlooker = await Onlooker.at(site.url);
    for (const count of [8, 25, 40]) {
      await using writer = new Writer({ python, file: site.file, runs: 1_000, seed: count });
      await writer.hasCommitted(count);
    }
    const left = await site.lythonic();
    await expect.poll(() => onlooker.trees, PATIENT).toEqual(left);

    await using writer = new Writer({ python, file: site.file, runs: 2, seed: 3 });
    expect(await writer.failures()).toEqual([]);
    const told = await site.lythonic();
    expect(told).toMatchObject(left);
    expect(Object.keys(told)).toHaveLength(Object.keys(left).length + 2);
    await expect.poll(() => onlooker.trees, PATIENT).toEqual(told);
    await expect.poll(() => onlooker.statuses, PATIENT).toEqual(statusesOf(told));
    await expect.poll(() => onlooker.completed, PATIENT).toEqual(new Set(endedIn(told)));
    expect(onlooker.completed.size).toBeLessThan(Object.keys(told).length);
    expect(onlooker.losses).toBe(0);
  });
});

/** The statuses that root runs have had. */
function statusesOf(told: Record<string, ToldRun>): Record<string, string[]> {
  return mapValues(told, ({ status }) => (status === 'running' ? ['RUNNING'] : ['RUNNING', status.toUpperCase()]));
}

/** The root runs of trees in which nothing runs any more. */
function endedIn(told: Record<string, ToldRun>): string[] {
  const roots = Object.values(told).filter((root) => runsIn(root).every(({ status }) => status !== 'running'));
  return roots.map(({ run_id }) => run_id);
}

function mapValues<Value, Result>(
  record: Record<string, Value>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function lastOf(items: readonly string[]): string | undefined {
  return items.at(-1);
}
