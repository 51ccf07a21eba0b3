import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { openStore } from '../../../src/store/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { serveForTest } from '../../server/harness.ts';
import { completed, created, failed, finished, started } from '../../support/events.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { copyFixture } from '../../support/lythonicFixtures.ts';
import { LythonicWriter } from '../../support/lythonicWriter.ts';
import { CLI, type Running, run, serve, watching } from '../program.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
/** What is to be ended when all tests have: they run side by side, since they mostly wait. */
const open: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(open.map((end) => end()));
  await rm(folder, { recursive: true });
});

const AT = Date.UTC(2026, 8, 20, 12) / 1000;
const BEGIN: readonly RunEvent[] = [
  created('run-1', { dagNsref: 'etl:daily', at: AT }),
  started('run-1', 'each', { at: AT + 1 }),
  created('sub', { dagNsref: 'etl:daily/each[3]', parentRunId: 'run-1', at: AT + 2 }),
  started('sub', 'fetch', { at: AT + 3 }),
];
const END: readonly RunEvent[] = [
  completed('sub', 'fetch', { at: AT + 4 }),
  finished('sub', { at: AT + 5 }),
  completed('run-1', 'each', { at: AT + 6 }),
  finished('run-1', { at: AT + 7 }),
];
const BEGIN_LINES = [
  '12:00:00.000 running    etl:daily',
  '12:00:01.000 running    etl:daily › each',
  '12:00:02.000 running    etl:daily/each[3]',
  '12:00:03.000 running    etl:daily/each[3] › fetch',
];
const END_LINES = [
  '12:00:04.000 completed  etl:daily/each[3] › fetch  1.0 s',
  '12:00:05.000 completed  etl:daily/each[3]  3.0 s',
  '12:00:06.000 completed  etl:daily › each  5.0 s',
  '12:00:07.000 completed  etl:daily  7.0 s',
];

async function newStore(...events: readonly RunEvent[]): Promise<{ file: string; store: Store }> {
  const file = join(await mkdtemp(join(folder, 'store-')), 'runs.db');
  const { store } = await openStore(file);
  open.push(() => store.close());
  await store.record(events);
  return { file, store };
}

function watch(...args: readonly string[]): Running {
  const running = watching(args);
  open.push(() => running.stop('SIGKILL'));
  return running;
}

describe.concurrent('where the output is no terminal', () => {
  test('each change is a line, and the end of the run is the end', async () => {
    await using harness = await serveForTest();
    await harness.store.record(BEGIN);
    const watching = watch(harness.server.url, 'run-1');
    await vi.waitFor(() => expect(watching.lines).toEqual(BEGIN_LINES), { timeout: 10_000 });
    await harness.store.record(END);
    expect(await watching.end).toEqual({
      code: 0,
      stdout: `${[...BEGIN_LINES, ...END_LINES].join('\n')}\n`,
      stderr: '',
    });
  });

  test('a file is followed without a server, while another process writes it', async () => {
    const { file, store } = await newStore(...BEGIN);
    const watching = watch(file, 'run-1');
    await vi.waitFor(() => expect(watching.lines).toEqual(BEGIN_LINES), { timeout: 10_000 });
    await store.record(END);
    expect(await watching.end).toMatchObject({ code: 0, stderr: '' });
    expect(watching.lines).toEqual([...BEGIN_LINES, ...END_LINES]);
  });

  test('so is a file of lythonic', async () => {
    const file = join(await mkdtemp(join(folder, 'lythonic-')), 'dags.db');
    const writer = new LythonicWriter(file);
    open.push(async () => writer.close());
    writer.writeAll(BEGIN);
    const watching = watch(file, 'run-1');
    await vi.waitFor(() => expect(watching.lines).toEqual(BEGIN_LINES), { timeout: 10_000 });
    writer.writeAll(END);
    expect(await watching.end).toMatchObject({ code: 0, stderr: '' });
    expect(watching.lines).toEqual([...BEGIN_LINES, ...END_LINES]);
  });

  test('a server that is killed is waited for, and what was missed comes then', async () => {
    const { file, store } = await newStore(...BEGIN);
    const killed = await serve(['serve', file]);
    const watching = watch(killed.url, 'run-1');
    await vi.waitFor(() => expect(watching.lines).toEqual(BEGIN_LINES), { timeout: 10_000 });
    await killed.stop('SIGKILL');
    await vi.waitFor(() => expect(watching.errors).toContain('cannot be reached: ECONNREFUSED; trying again\n'), {
      timeout: 10_000,
    });
    await store.record(END);
    const server = await serve(['serve', file, '--port', new URL(killed.url).port]);
    open.push(() => server.stop('SIGKILL'));
    expect(await watching.end).toMatchObject({ code: 0, stderr: expect.stringMatching(/dagloupe: connected\n$/) });
    expect(watching.lines).toEqual([...BEGIN_LINES, ...END_LINES]);
  });

  test('whoever reads may stop at any line: the next one ends it', async () => {
    const { file, store } = await newStore(...BEGIN);
    const command = `"${process.execPath}" "${CLI}" watch "${file}" run-1 | head -n 1`;
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = Promise.all([text(shell.stdout), text(shell.stderr)]);
    const isOver = once(shell, 'exit').then(() => true);
    let count = 0;
    do await store.record([started('sub', `node-${count++}`)]);
    while (!(await Promise.race([isOver, setTimeout(20, false)])));
    expect(await output).toEqual([`${BEGIN_LINES[0]}\n`, '']);
  });
});

describe.concurrent('the run', () => {
  test('that failed gives the exit code 1', async () => {
    const { file } = await newStore(
      created('run-1'),
      started('run-1', 'load'),
      failed('run-1', 'load'),
      finished('run-1', { status: 'failed' }),
    );
    expect(await run(['watch', file, 'run-1'])).toMatchObject({ code: 1, stderr: '' });
  });

  test('that has ended is not waited for long, even if sub-runs were left running', async () => {
    const file = await copyFixture('gen4-map-failed.db', folder);
    const { code, stdout } = await run(['watch', file, 'b158046b']);
    expect(code).toBe(1);
    expect(stdout).toContain('00:26:17.189 failed     map:children_cancelled  236 ms\n');
  });

  test('may be named by the beginning of its id', async () => {
    const { file } = await newStore(...BEGIN, ...END);
    expect(await run(['watch', file, 'run'])).toMatchObject({ code: 0 });
    expect(await run(['watch', file, 'walk'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no run walk'),
    });
  });

  test('is the newest that is active if none is named', async () => {
    await using harness = await serveForTest();
    await harness.store.record([
      created('older', { at: AT - 1 }),
      ...BEGIN,
      created('done', { at: AT + 9 }),
      finished('done'),
    ]);
    const watching = watch(harness.server.url);
    await vi.waitFor(() => expect(watching.lines).toEqual(BEGIN_LINES), { timeout: 10_000 });
    await harness.store.record(END);
    expect(await watching.end).toMatchObject({ code: 0, stderr: '' });
  });

  test('is the next to start if none is active', async () => {
    const { file, store } = await newStore(created('done'), finished('done'));
    const watching = watch(file);
    await vi.waitFor(() => expect(watching.errors).toContain('no run is active; the next one to start is shown'), {
      timeout: 10_000,
    });
    await store.record([...BEGIN, ...END]);
    expect(await watching.end).toMatchObject({ code: 0, stdout: expect.stringContaining(END_LINES.at(-1) ?? '') });
  });
});

describe.concurrent('a server', () => {
  test('may be given without a path, and may want a token', async () => {
    await using harness = await serveForTest({ config: { token: 'swordfish' } });
    await harness.store.record([...BEGIN, ...END]);
    expect(await run(['watch', harness.base, 'run-1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('wants a token'),
    });
    expect(await run(['watch', harness.base, 'run-1', '--token', 'swordfish'])).toMatchObject({ code: 0 });
    expect(
      await run(['watch', `${harness.base}/`, 'run-1'], { variables: { DAGLOUPE_TOKEN: 'swordfish' } }),
    ).toMatchObject({ code: 0 });
  });

  test('that does not speak GraphQL is told apart', async () => {
    await using harness = await serveForTest();
    const { code, stderr } = await run(['watch', `${harness.base}/health`, 'run-1']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^dagloupe: [^\n]+\n$/) });
  });
});

test.concurrent.each(['SIGINT', 'SIGTERM'] as const)('%s ends it at once: exit code 130', async (signal) => {
  const { file } = await newStore(...BEGIN);
  const watching = watch(file);
  await vi.waitFor(() => expect(watching.lines).toHaveLength(4), { timeout: 10_000 });
  expect(await watching.stop(signal)).toMatchObject({ code: 130, stderr: '' });
});

test.concurrent('a file that is not there is a fault', async () => {
  expect(await run(['watch', join(folder, 'nothing.db')])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/does not exist; give a file with runs in it\n$/),
  });
});
