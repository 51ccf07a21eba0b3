import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/model.ts';
import { openStore } from '../../src/store/open.ts';
import { temporaryFolder } from '../support/folder.ts';
import { copyFixture, FIXTURES } from '../support/lythonicFixtures.ts';
import { CLI, run } from './program.ts';

let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => rm(folder, { recursive: true }));

const START = Date.UTC(2026, 8, 20, 9, 30) / 1000;

/** A store that holds these events, one second after the other. */
async function storeOf(events: readonly RunEvent[]): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'store-')), 'runs.db');
  const { store } = await openStore(file);
  const recorded = await store.record(events.map((event, index) => ({ ...event, at: START + index })));
  expect(recorded).toMatchObject({ ok: true });
  await store.close();
  return file;
}

function created(runId: string, dagNsref: string, parentRunId?: string): RunEvent {
  return { type: 'runCreated', runId, dagNsref, sourceInputsJson: '{}', parentRunId };
}

/** A run that fans out into this many sub-runs, of which the one at `failing` fails. */
function fanOut(width: number, failing: number): RunEvent[] {
  const parts = Array.from({ length: width }, (_, index): RunEvent[] => {
    const runId = `part-${index}`;
    const end: RunEvent[] =
      index === failing
        ? [
            { type: 'nodeStarted', runId, nodeLabel: 'load' },
            {
              type: 'nodeFailed',
              runId,
              nodeLabel: 'load',
              error:
                'Traceback (most recent call last):\n  File "load.py", line 7, in load\n    x\nKeyError: 7\nand more',
            },
            { type: 'runFinished', runId, status: 'failed' },
          ]
        : [{ type: 'runFinished', runId, status: 'completed' }];
    return [created(runId, `etl:wide/each[${index}]`, 'wide'), ...end];
  });
  return [created('wide', 'etl:wide'), { type: 'nodeStarted', runId: 'wide', nodeLabel: 'each' }, ...parts.flat()];
}

async function inspect(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['inspect', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('the newest runs', () => {
  test('are a table: roots only, newest first, with progress', async () => {
    const file = await storeOf([
      created('r1', 'etl:daily'),
      { type: 'nodeStarted', runId: 'r1', nodeLabel: 'a' },
      { type: 'nodeCompleted', runId: 'r1', nodeLabel: 'a', outputJson: '1' },
      { type: 'nodeStarted', runId: 'r1', nodeLabel: 'b' },
      { type: 'nodeFailed', runId: 'r1', nodeLabel: 'b', error: 'x' },
      { type: 'runFinished', runId: 'r1', status: 'failed' },
      created('a-longer-id', 'etl:hourly'),
      { type: 'runFinished', runId: 'a-longer-id', status: 'completed' },
      created('sub', 'etl:hourly/each[0]', 'a-longer-id'),
    ]);
    expect(await inspect(file, '--text')).toBe(
      [
        'RUN          DAG         STATUS     STARTED                  DURATION  NODES DONE',
        'a-longer-id  etl:hourly  completed  2026-09-20 09:30:06 UTC  1.0 s     0/0',
        'r1           etl:daily   failed     2026-09-20 09:30:00 UTC  5.0 s     1/2',
        '',
      ].join('\n'),
    );
  });

  test('are JSON where the output is no terminal', async () => {
    const file = await copyFixture('gen4-many.db', folder);
    const { dagRuns } = JSON.parse(await inspect(file, '--limit', '3'));
    expect(dagRuns).toHaveLength(3);
    expect(dagRuns[0]).toEqual({
      id: expect.any(String),
      runId: '7d40d3f0-7319-4906-9ba5-52aa6a272487',
      dagNsref: 'ml:train',
      status: 'COMPLETED',
      statusText: 'completed',
      startedAt: expect.stringMatching(/^2026-11-22T00:26:33\.\d{6}Z$/),
      finishedAt: expect.stringMatching(/^2026-11-22T00:26:33\.\d{6}Z$/),
      durationMs: expect.any(Number),
      initiatedBy: null,
      nodeCounts: { total: 3, completed: 3, failed: 0, skipped: 0 },
    });
  });

  test('are in colour where that is wanted', async () => {
    const file = await copyFixture('gen4-failed.db', folder);
    const { stdout } = await run(['inspect', file, '--text', '--limit', '1'], { variables: { FORCE_COLOR: '1' } });
    expect(stdout).toContain('  \u001b[31mfailed\u001b[39m  ');
  });

  test('may be none', async () => {
    const file = await copyFixture('gen4-no-runs.db', folder);
    expect(await inspect(file, '--text')).toBe('There are no runs in it, or only sub-runs whose parents are gone.\n');
  });
});

describe('one run', () => {
  test('is a tree: nodes in order of start, and inside composite nodes the sub-DAGs by key', async () => {
    const file = await copyFixture('gen4-nested.db', folder);
    const text = await inspect(file, '59714fc9-d18e-487d-acbb-446660ac69b1', '--text');
    const [heading, origin, , ...tree] = text.trimEnd().split('\n');
    expect(heading).toBe('nested:four_levels  completed  322 ms');
    expect(origin).toBe('59714fc9-d18e-487d-acbb-446660ac69b1, started 2026-11-22 00:26:19 UTC');
    expect(tree.map((line) => line.replace(/ {2,}(completed) .*/, '')).slice(0, 13)).toEqual([
      '├─ start',
      '├─ batches',
      '│  ├─ [0]',
      '│  │  ├─ start',
      '│  │  ├─ enrich',
      '│  │  │  └─ []',
      '│  │  │     ├─ start',
      '│  │  │     ├─ items',
      '│  │  │     │  ├─ [0]',
      '│  │  │     │  │  ├─ start',
      '│  │  │     │  │  ├─ route',
      '│  │  │     │  │  └─ finish',
      '│  │  │     │  └─ [1]',
    ]);
    expect(tree.at(-1)).toMatch(/^└─ finish +completed +\d+ ms$/);
  });

  test('is found by the beginning of its id', async () => {
    const file = await copyFixture('gen4-nested.db', folder);
    const { dagRun } = JSON.parse(await inspect(file, '59714'));
    expect(dagRun.runId).toBe('59714fc9-d18e-487d-acbb-446660ac69b1');
  });

  test('as JSON is nested as the API gives it, whole errors included', async () => {
    const file = await copyFixture('gen4-map-failed.db', folder);
    const { dagRuns } = JSON.parse(await inspect(file));
    const { dagRun } = JSON.parse(await inspect(file, dagRuns.at(-1).runId, '--json'));
    const map = dagRun.nodes.find(({ subDagCounts }: { subDagCounts: { total: number } }) => subDagCounts.total > 0);
    const failed = map.subDags.find(({ run }: { run: { status: string } }) => run.status === 'FAILED');
    expect(failed.key).toMatch(/^\w+\[\d+\]$/);
    expect(failed.run.nodes).toContainEqual(
      expect.objectContaining({
        status: 'FAILED',
        error: expect.stringMatching(/^Traceback \(most recent call last\):\n/),
      }),
    );
    expect(failed).toHaveProperty('earlierRuns', []);
  });

  test('shows of an error the line that says what happened; with --full all of it, and the input', async () => {
    const file = await copyFixture('gen4-failed.db', folder);
    const { dagRuns } = JSON.parse(await inspect(file));
    const { runId } = dagRuns.find(({ dagNsref }: { dagNsref: string }) => dagNsref === 'fail:first');
    expect(await inspect(file, runId, '--text')).toMatch(/\n└─ extract {2}failed {2}\d+ ms {2}\w+Error: [^\n]+\n$/);
    const full = await inspect(file, runId, '--text', '--full');
    expect(full).toMatch(/\n└─ extract {2}failed {2}\d+ ms\n {3}Traceback \(most recent call last\):\n {5}File /);
    expect(full).toMatch(/\n {3}\w+Error: [^\n]+\n {3}second line of the message\n {3}input: \{"x": 1\}\n$/);
    expect(await inspect(file, runId)).not.toContain('inputJson');
    expect(JSON.parse(await inspect(file, runId, '--full')).dagRun.nodes[0].io).toEqual({
      inputJson: '{"x": 1}',
      outputJson: null,
    });
  });

  test('shows what ran before a restart beside what ran after it', async () => {
    const file = await copyFixture('gen4-restarted-composite.db', folder);
    const { dagRuns } = JSON.parse(await inspect(file));
    const text = await inspect(file, dagRuns[0].runId, '--text');
    expect(text).toMatch(/─ \[0\] +completed .*\n(.*\n)*.*─ \[0\] \(before a restart\) +\w+ /);
  });

  test('folds a wide fan-out in text: what did not complete is shown, the rest is counted', async () => {
    const file = await storeOf(fanOut(1_500, 700));
    const text = await inspect(file, 'wide', '--text');
    expect(text.split('\n').slice(3)).toEqual([
      expect.stringMatching(/^└─ each {30}running +\d/),
      expect.stringMatching(/^ {3}├─ \[700\] {26}failed +3\.0 s$/),
      expect.stringMatching(/^ {3}│ {2}└─ load {24}failed +1\.0 s +KeyError: 7$/),
      '   └─ … 1,499 more: 1,499 completed',
      '',
    ]);
  });

  test('leaves nothing out in JSON', async () => {
    const file = await storeOf(fanOut(1_500, 700));
    const { dagRun } = JSON.parse(await inspect(file, 'wide'));
    expect(dagRun.nodes[0].subDags).toHaveLength(1_500);
  });

  test('cannot make the terminal do things: control characters are spelled out', async () => {
    const file = await storeOf([
      created('r1', 'etl:\u001b[2Jdaily'),
      { type: 'nodeStarted', runId: 'r1', nodeLabel: 'a\nb' },
      { type: 'nodeFailed', runId: 'r1', nodeLabel: 'a\nb', error: 'no \u0007 \u202e such \u009b file' },
    ]);
    const text = await inspect(file, 'r1', '--text');
    expect(text).toContain('etl:\\u{1b}[2Jdaily');
    expect(text).toContain('└─ a\\u{a}b');
    expect(text).toContain('no \\u{7} \\u{202e} such \\u{9b} file');
  });

  test('may have no nodes', async () => {
    const file = await storeOf([created('r1', 'etl:daily')]);
    expect(await inspect(file, 'r1', '--text')).toMatch(/\n\nIt has no nodes\.\n$/);
  });

  test.each([
    ['zzz', 'there is no run zzz'],
    ['part-', '20 runs have an id that begins with part-; give more of it, such as part-19'],
  ])('is not %s: one line that says why', async (id, message) => {
    const file = await storeOf(Array.from({ length: 20 }, (_, index) => created(`part-${index}`, 'etl:daily')));
    const { code, stdout, stderr } = await run(['inspect', file, id]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

describe('a file', () => {
  test('that is not there is not made', async () => {
    const here = await mkdtemp(join(folder, 'none-'));
    const file = join(here, 'none.db');
    expect(await run(['inspect', file])).toEqual({
      code: 1,
      stdout: '',
      stderr: `dagloupe: ${file} does not exist; give a file with runs in it\n`,
    });
    expect(await readdir(here)).toEqual([]);
  });

  test('that is empty stays so', async () => {
    const file = join(folder, 'empty.db');
    await writeFile(file, '');
    const { code, stderr } = await run(['inspect', file]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `dagloupe: ${file} is empty; give a file with runs in it\n` });
    expect(await readFile(file)).toHaveLength(0);
  });

  test('of lythonic is not altered', async () => {
    const file = await copyFixture('gen2-map.db', folder);
    await inspect(file);
    expect(await readFile(file)).toEqual(await readFile(join(FIXTURES, 'gen2-map.db')));
  });
});

test('whoever reads the output may stop at any line', async () => {
  const file = await storeOf(fanOut(1_500, 700));
  const child = spawn(process.execPath, [CLI, 'inspect', file, 'wide'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk) => errors.push(chunk));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  expect({ code, stderr: Buffer.concat(errors).toString() }).toEqual({ code: 0, stderr: '' });
});
