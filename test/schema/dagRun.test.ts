import { describe, expect, it } from 'vitest';
import { completed, created, finished, started } from '../support/events.ts';
import { openApi, openAttachedApi, T } from './harness.ts';

/** A root, its child and its grandchild. */
const THREE_GENERATIONS = [
  created('root', { dagNsref: 'd', at: T, initiatedBy: 'ann' }),
  started('root', 'map'),
  created('child', { dagNsref: 'd/map[0]', parentRunId: 'root', at: T + 1 }),
  started('child', 'call'),
  created('grandchild', { dagNsref: 'd/map[0]/call[]', parentRunId: 'child', at: T + 2 }),
];

describe('a run', () => {
  it('shows all that is known of it', async () => {
    await using api = await openApi([
      created('run-1', { dagNsref: 'pipelines:daily', initiatedBy: 'scheduler', at: T }),
      started('run-1', 'load', { at: T + 1 }),
      completed('run-1', 'load', { at: T + 2.5 }),
      finished('run-1', { at: T + 2.25 }),
    ]);
    const { data } = await api.ask(`{
      dagRun(runId: "run-1") {
        runId dagNsref status statusText startedAt finishedAt durationMs initiatedBy latestUpdate
        parentRunId expansionKey parent { runId } parentNode { nodeLabel } root { runId }
      }
    }`);
    expect(data).toEqual({
      dagRun: {
        runId: 'run-1',
        dagNsref: 'pipelines:daily',
        status: 'COMPLETED',
        statusText: 'completed',
        startedAt: '2023-11-14T22:13:20.000000Z',
        finishedAt: '2023-11-14T22:13:22.250000Z',
        durationMs: 2250,
        initiatedBy: 'scheduler',
        latestUpdate: '2023-11-14T22:13:22.500000Z',
        parentRunId: null,
        expansionKey: null,
        parent: null,
        parentNode: null,
        root: { runId: 'run-1' },
      },
    });
  });

  it('is null if there is none with this id', async () => {
    await using api = await openApi([created('run-1')]);
    const { data, codes } = await api.ask('{ dagRun(runId: "run-2") { runId } }');
    expect(data).toEqual({ dagRun: null });
    expect(codes).toEqual([]);
  });

  it('is asked for by its runId as it is, whatever that looks like', async () => {
    const odd = ['__proto__', 'RGFnUnVuOjE=', 'a\'b"c', 'ü 🜁', '5'];
    await using api = await openApi(odd.map((runId) => created(runId)));
    for (const runId of odd) {
      const { data } = await api.ask('query ($runId: ID!) { dagRun(runId: $runId) { runId } }', {
        variables: { runId },
      });
      expect(data).toEqual({ dagRun: { runId } });
    }
  });

  it('that runs lasts until now', async () => {
    await using api = await openApi([created('run-1', { at: Date.now() / 1000 - 60 })]);
    const { data } = await api.ask<{ dagRun: { durationMs: number; finishedAt: null } }>(
      '{ dagRun(runId: "run-1") { durationMs finishedAt } }',
    );
    expect(data.dagRun.durationMs).toBeGreaterThanOrEqual(60_000);
    expect(data.dagRun.finishedAt).toBeNull();
  });

  it('that runs again lasts until now, not until its old end', async () => {
    await using api = await openAttachedApi(
      [created('run-1', { at: Date.now() / 1000 - 60 }), finished('run-1', { at: Date.now() / 1000 - 50 })],
      "UPDATE dag_runs SET status = 'running'",
    );
    const { data } = await api.ask<{ dagRun: { durationMs: number; finishedAt: string } }>(
      '{ dagRun(runId: "run-1") { durationMs finishedAt } }',
    );
    expect(data.dagRun.durationMs).toBeGreaterThanOrEqual(60_000);
    expect(data.dagRun.finishedAt).not.toBeNull();
  });

  it('never lasts less than nothing', async () => {
    await using api = await openApi([
      created('set back', { at: T }),
      finished('set back', { at: T - 10 }),
      created('in the future', { at: Date.now() / 1000 + 60 }),
    ]);
    const { data } = await api.ask(`{
      a: dagRun(runId: "set back") { durationMs }
      b: dagRun(runId: "in the future") { durationMs }
    }`);
    expect(data).toEqual({ a: { durationMs: 0 }, b: { durationMs: 0 } });
  });

  it('with a status of another kind is UNKNOWN, and statusText tells it', async () => {
    await using api = await openAttachedApi([created('run-1')], "UPDATE dag_runs SET status = 'Exploded'");
    const { data } = await api.ask('{ dagRun(runId: "run-1") { status statusText } }');
    expect(data).toEqual({ dagRun: { status: 'UNKNOWN', statusText: 'Exploded' } });
  });
});

describe('the family of a run', () => {
  it('is its parent, the node that started it, and its root', async () => {
    await using api = await openApi(THREE_GENERATIONS);
    const { data } = await api.ask(`{
      dagRun(runId: "grandchild") {
        initiatedBy parentRunId parent { runId } parentNode { nodeLabel run { runId } } expansionKey root { runId }
      }
    }`);
    expect(data).toEqual({
      dagRun: {
        initiatedBy: 'ann',
        parentRunId: 'child',
        parent: { runId: 'child' },
        parentNode: { nodeLabel: 'call', run: { runId: 'child' } },
        expansionKey: 'call[]',
        root: { runId: 'root' },
      },
    });
  });

  it('ends where a parent is gone: the top-most run that is left is the root', async () => {
    await using api = await openAttachedApi(THREE_GENERATIONS, "DELETE FROM dag_runs WHERE run_id = 'root'");
    const { data } = await api.ask(`{
      child: dagRun(runId: "child") { parentRunId parent { runId } parentNode { nodeLabel } expansionKey root { runId } }
      grandchild: dagRun(runId: "grandchild") { root { runId } }
    }`);
    expect(data).toEqual({
      child: { parentRunId: 'root', parent: null, parentNode: null, expansionKey: null, root: { runId: 'child' } },
      grandchild: { root: { runId: 'child' } },
    });
  });

  it('is found even where runs are said to be their own ancestors', async () => {
    await using api = await openAttachedApi(
      THREE_GENERATIONS,
      "UPDATE dag_runs SET parent_run_id = 'grandchild' WHERE run_id = 'root'",
    );
    const { data, codes } = await api.ask(`{
      dagRun(runId: "child") { parent { parent { parent { runId } } } root { runId } }
    }`);
    expect(codes).toEqual([]);
    expect(data).toMatchObject({ dagRun: { parent: { parent: { parent: { runId: 'child' } } } } });
  });
});
