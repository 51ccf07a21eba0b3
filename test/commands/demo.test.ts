import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { ask, type Ended, run, type Serving, serve } from './program.ts';

let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => rm(folder, { recursive: true }));

interface Run {
  readonly dagNsref: string;
  readonly status: string;
  readonly nodes: readonly {
    readonly nodeLabel: string;
    readonly status: string;
    readonly subDags: readonly { readonly key: string; readonly run: Run }[];
  }[];
}

const RUN = `
  fragment Run on DagRun { dagNsref status nodes { nodeLabel status subDags { key run { ...Level2 } } } }
  fragment Level2 on DagRun { dagNsref status nodes { nodeLabel status subDags { key run { ...Level3 } } } }
  fragment Level3 on DagRun { dagNsref status nodes { nodeLabel status subDags { key run { ...Level4 } } } }
  fragment Level4 on DagRun { dagNsref status nodes { nodeLabel status subDags { key run { dagNsref status nodes { nodeLabel } } } } }`;

describe('demo', () => {
  let temporary: string;
  let server: Serving;
  let end: Ended;

  beforeAll(async () => {
    temporary = await mkdtemp(join(folder, 'tmp-'));
    server = await serve(['demo'], { variables: { TMPDIR: temporary } });
  });

  test('has a past as soon as it listens: completed, failed and paused runs, some replayed or restarted, and an active one', async () => {
    interface Answer {
      readonly dagRuns: {
        readonly nodes: readonly { readonly status: string; readonly nodeCounts: { readonly skipped: number } }[];
      };
      readonly activeRuns: { readonly nodes: readonly unknown[] };
    }
    const { dagRuns, activeRuns } = await ask<Answer>(
      server.url,
      '{ dagRuns { nodes { status nodeCounts { skipped } } } activeRuns { nodes { runId } } }',
    );
    const statuses = dagRuns.nodes.map(({ status }) => status);
    expect(statuses).toEqual(['RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'COMPLETED', 'COMPLETED']);
    expect(dagRuns.nodes[2]?.nodeCounts.skipped).toBeGreaterThan(0);
    expect(activeRuns.nodes).toHaveLength(1);
  });

  test('nests in its past map > call > map > map-switch, and a switch', async () => {
    const { dagRuns } = await ask<{ dagRuns: { nodes: Run[] } }>(
      server.url,
      `query { dagRuns(last: 1) { nodes { ...Run } } } ${RUN}`,
    );
    const keys = subRuns(dagRuns.nodes).map(({ dagNsref }) => dagNsref.replace(/^shop:nightly_orders\//, ''));
    expect(keys).toContainEqual(
      expect.stringMatching(/^regions\[apac\]\/enrich\[\]\/batches\[0\]\/lines\[0:(domestic|export)\]$/),
    );
    expect(keys).toContainEqual(expect.stringMatching(/^publish\[(dashboard|review)\]$/));
  });

  test('soon has active sub-runs inside an active run', async () => {
    await vi.waitFor(
      async () => {
        const { activeRuns } = await ask<{ activeRuns: { nodes: Run[] } }>(
          server.url,
          `query { activeRuns { nodes { ...Run } } } ${RUN}`,
        );
        expect(subRuns(activeRuns.nodes)).toContainEqual(expect.objectContaining({ status: 'RUNNING' }));
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  test('told to stop, ends and removes what it recorded', async () => {
    expect(await leftIn(temporary)).toEqual([expect.stringMatching(/^dagloupe-demo-/)]);
    end = await server.stop('SIGINT');
    expect(end).toMatchObject({ code: 0, stdout: `listening on ${server.url}\n` });
    expect(await leftIn(temporary)).toEqual([]);
  });
});

test('start without a file is the demo', async () => {
  const server = await serve(['start'], { variables: { TMPDIR: await mkdtemp(join(folder, 'tmp-')) } });
  const { activeRuns } = await ask<{ activeRuns: { nodes: Run[] } }>(
    server.url,
    '{ activeRuns { nodes { dagNsref } } }',
  );
  await server.stop();
  expect(activeRuns.nodes).toEqual([{ dagNsref: 'shop:nightly_orders' }]);
});

test('demo --file keeps what it recorded, and what was running then is cancelled', async () => {
  const file = join(folder, 'kept.db');
  const server = await serve(['demo', '--file', file]);
  await server.stop();
  const { dagRuns } = JSON.parse((await run(['inspect', file])).stdout);
  expect(dagRuns.map(({ status }: Run) => status)).toEqual([
    'CANCELLED',
    'PAUSED',
    'COMPLETED',
    'FAILED',
    'COMPLETED',
    'COMPLETED',
  ]);
});

test('the demo cannot record where it cannot listen: it ends with the fault, and leaves nothing', async () => {
  const temporary = await mkdtemp(join(folder, 'tmp-'));
  const { code, stderr } = await run(['demo', '--host', '192.0.2.1', '--log-level', 'silent'], {
    variables: { TMPDIR: temporary, DAGLOUPE_TOKEN: 'secret' },
  });
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^dagloupe: Cannot listen on 192\.0\.2\.1/),
  });
  expect(await leftIn(temporary)).toEqual([]);
});

/** What is in a folder for temporary files, but for what Node keeps there of compiled code. */
async function leftIn(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name !== 'node-compile-cache');
}

/** All runs inside these, at every depth that was asked for. */
function subRuns(runs: readonly Run[]): Run[] {
  const inside = runs.flatMap(({ nodes }) => nodes.flatMap(({ subDags = [] }) => subDags.map(({ run }) => run)));
  return inside.length === 0 ? [] : [...inside, ...subRuns(inside)];
}
