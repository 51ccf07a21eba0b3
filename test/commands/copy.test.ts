import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/model.ts';
import { Connection } from '../../src/store/embedded/connection.ts';
import { openStore } from '../../src/store/open.ts';
import { everythingIn } from '../store/copy/everything.ts';
import { completed, created, finished, started } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';
import { copyFixture } from '../support/lythonicFixtures.ts';
import { LythonicWriter } from '../support/lythonicWriter.ts';
import { CLI, run } from './program.ts';

let folder: string;
let source: string;
let target: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  source = join(folder, 'dags.db');
  target = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

async function fixture(name: string): Promise<void> {
  await copyFile(await copyFixture(name, folder), source);
}

/** A file of lythonic with so many trees, each of a root and a sub-run. */
function write(trees: number): void {
  const writer = new LythonicWriter(source);
  const events = Array.from({ length: trees }, (_, at): RunEvent[] => {
    const [root, below] = [`run ${at}`, `run ${at} below`];
    return [
      created(root, { at }),
      started(root, 'each', { at, inputJson: JSON.stringify('x'.repeat(500)) }),
      created(below, { at, parentRunId: root }),
      finished(below, { at }),
      completed(root, 'each', { at, outputJson: '1' }),
    ];
  });
  writer.writeAll(events.flat());
  writer.close();
}

async function expectSame(): Promise<void> {
  const [{ store: from }, { store: to }] = await Promise.all([openStore(source), openStore(target)]);
  expect(await everythingIn(to)).toEqual(await everythingIn(from));
  await Promise.all([from.close(), to.close()]);
}

describe('dagloupe copy', () => {
  test('imports a file of lythonic, and says what it has done', async () => {
    await fixture('gen4-nested.db');
    const { code, stdout, stderr } = await run(['copy', source, target]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/in .* m?s\n/, 'in TIME\n')).toBe(
      [
        '1 tree copied, 0 unchanged in TIME',
        'written: 14 runs, 35 nodes, 21 edges, 98 inputs and outputs of 861 bytes',
        'read back: rows and the SHA-256 of all inputs and outputs are the same',
        '',
      ].join('\n'),
    );
    await expectSame();
    const again = await run(['copy', source, target, '--verify']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 trees copied, 1 unchanged in .*\n$/) });
  });

  test('copies the trees of some runs only, or those since a time', async () => {
    write(5);
    const runs = await run(['copy', source, target, '--runs', 'run 1 below', 'run 3']);
    expect(runs.stdout).toMatch(/^2 trees copied, 0 unchanged/);
    const since = await run(['copy', source, target, '--since', '1970-01-01T00:00:03Z']);
    expect(since.stdout).toMatch(/^1 tree copied, 1 unchanged/);
  });

  test.each([
    ['gen2-double-edge.db', /^dagloupe: DOUBLE_EDGES: tree \S+: .* 1 are not\n$/],
    ['gen4-orphans.db', /^dagloupe: LEFT_OUT: \d+ nodes whose run is gone/],
  ])('of %s tells what it could not copy, with exit code 1', async (name, told) => {
    await fixture(name);
    const { code, stdout, stderr } = await run(['copy', source, target]);
    expect(code).toBe(1);
    expect(stderr).toMatch(told);
    expect(stdout).toMatch(/problems?: not all of it could be copied\n$/);
  });

  test.each([
    ['the same file twice', ['SOURCE', 'SOURCE'], 2, /SOURCE and TARGET are the same; give another target/],
    [
      'the same database twice, without its password',
      ['URL', 'URL'],
      2,
      /^dagloupe: SOURCE and TARGET are the same; give another target\n$/,
    ],
    ['a file that is not there', ['NONE', 'TARGET'], 1, /does not exist; give a file with runs in it/],
    ['a file of lythonic as its target', ['TARGET', 'SOURCE'], 1, /takes no copies; give the path of a file/],
    ['a run that is not there', ['SOURCE', 'TARGET', '--runs', 'nope'], 1, /there is no run nope in .*dags\.db/],
    ['a time without an offset', ['SOURCE', 'TARGET', '--since', '2026-09-20'], 2, /Give a time with its offset/],
  ])('refuses %s in one line', async (_, args, exitCode, message) => {
    write(1);
    await (await openStore(target)).store.record([created('r')]);
    const paths: Readonly<Record<string, string>> = {
      SOURCE: source,
      TARGET: target,
      NONE: join(folder, 'none.db'),
      URL: 'postgres://ada:secret@127.0.0.1:1/runs',
    };
    const { code, stdout, stderr } = await run(['copy', ...args.map((arg) => paths[arg] ?? arg)]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  test('makes no target for a run that is not there', async () => {
    write(1);
    expect((await run(['copy', source, target, '--runs', 'nope'])).code).toBe(1);
    expect(existsSync(target)).toBe(false);
  });

  test('goes on where it was when it is killed again and again, and leaves no half of a tree', async () => {
    write(4_000);
    let kills = 0;
    for (let roots = 0; kills < 3 && roots < 4_000; kills++) {
      const child = spawn(process.execPath, [CLI, 'copy', source, target], { stdio: 'ignore' });
      const end = once(child, 'exit');
      for (const before = roots; roots === before && child.exitCode === null; ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        roots = rootsThere();
      }
      child.kill('SIGKILL');
      await end;
      const db = new Connection(target);
      expect(db.pragma('integrity_check')).toBe('ok');
      expect(db.get('SELECT count(*) AS roots FROM dag_runs WHERE parent_run_id IS NULL')).toEqual(
        db.get('SELECT count(*) AS roots FROM dag_runs WHERE parent_run_id IS NOT NULL'),
      );
      db.close();
    }
    expect(kills).toBeGreaterThan(0);
    const there = rootsThere();
    const { code, stdout } = await run(['copy', source, target]);
    expect(code).toBe(0);
    expect(stdout).toContain(` ${there.toLocaleString('en-US')} unchanged in`);
    await expectSame();
  }, 60_000);

  test('stops at a Ctrl-C with what it has, and exit code 130', async () => {
    write(4_000);
    const child = spawn(process.execPath, [CLI, 'copy', source, target], { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = once(child, 'close');
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    while (rootsThere() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGINT');
    expect(await end).toEqual([130, null]);
    expect(stdout).toMatch(/stopped before the end; copy again to go on\n$/);
    expect(rootsThere()).toBeLessThan(4_000);
  });
});

/** How many roots the target holds so far. */
function rootsThere(): number {
  try {
    const db = new Connection(target);
    try {
      const sql = 'SELECT count(*) AS roots FROM dag_runs WHERE parent_run_id IS NULL';
      return db.get<{ roots: number }>(sql)?.roots ?? 0;
    } finally {
      db.close();
    }
  } catch {
    // It is not there yet, or locked just now.
    return 0;
  }
}
