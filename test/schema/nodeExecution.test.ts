import { describe, expect, it } from 'vitest';
import { completed, created, failed, skipped, started } from '../support/events.ts';
import { openApi, openAttachedApi, T } from './harness.ts';

const RUN = [
  created('run', { at: T }),
  started('run', 'b', { at: T + 1, isSource: true }),
  started('run', 'a', { at: T + 1 }),
  started('run', 'early', { at: T + 0.5, isSink: true }),
  completed('run', 'b', { at: T + 2.5 }),
  failed('run', 'early', { at: T + 3, error: 'Traceback: boom' }),
  skipped('run', 'reused', { at: T + 4 }),
];

interface Labels {
  readonly dagRun: Record<string, { readonly nodeLabel: string }[]>;
}

/** What each alias of a selection on the run gave, as labels. */
async function labels(selection: string): Promise<Record<string, string[]>> {
  await using api = await openApi(RUN);
  const { data } = await api.ask<Labels>(`{ dagRun(runId: "run") { ${selection} } }`);
  return Object.fromEntries(
    Object.entries(data.dagRun).map(([alias, nodes]) => [alias, nodes.map(({ nodeLabel }) => nodeLabel)]),
  );
}

describe('a node', () => {
  it('shows all that is known of it', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask(`
      fragment All on NodeExecution {
        nodeLabel status statusText isSource isSink startedAt finishedAt durationMs error run { runId }
      }
      { dagRun(runId: "run") { completed: node(label: "b") { ...All } failed: node(label: "early") { ...All } } }
    `);
    expect(data).toEqual({
      dagRun: {
        completed: {
          nodeLabel: 'b',
          status: 'COMPLETED',
          statusText: 'completed',
          isSource: true,
          isSink: false,
          startedAt: '2023-11-14T22:13:21.000000Z',
          finishedAt: '2023-11-14T22:13:22.500000Z',
          durationMs: 1500,
          error: null,
          run: { runId: 'run' },
        },
        failed: {
          nodeLabel: 'early',
          status: 'FAILED',
          statusText: 'failed',
          isSource: false,
          isSink: true,
          startedAt: '2023-11-14T22:13:20.500000Z',
          finishedAt: '2023-11-14T22:13:23.000000Z',
          durationMs: 2500,
          error: 'Traceback: boom',
          run: { runId: 'run' },
        },
      },
    });
  });

  it('is null if the run has none with this label', async () => {
    await using api = await openApi(RUN);
    const { data } = await api.ask('{ dagRun(runId: "run") { node(label: "c") { nodeLabel } } }');
    expect(data).toEqual({ dagRun: { node: null } });
  });

  it('may have any label', async () => {
    const odd = ['', '__proto__', 'constructor', 'a/b', 'group[x]', '"', 'ü 🜁'];
    await using api = await openApi([created('run'), created('1:run'), ...odd.map((label) => started('run', label))]);
    for (const label of odd) {
      const { data } = await api.ask(
        'query ($label: String!) { dagRun(runId: "run") { node(label: $label) { nodeLabel } } }',
        {
          variables: { label },
        },
      );
      expect(data).toEqual({ dagRun: { node: { nodeLabel: label } } });
    }
  });

  it('that runs lasts until now, and one with no known end has no duration', async () => {
    await using api = await openAttachedApi(
      [
        created('run'),
        started('run', 'running', { at: Date.now() / 1000 - 60 }),
        started('run', 'paused'),
        started('run', 'pending'),
      ],
      `UPDATE node_executions SET status = node_label;
       UPDATE node_executions SET started_at = NULL WHERE node_label = 'pending'`,
    );
    const { data } = await api.ask<{ dagRun: Record<string, { status: string; durationMs: number | null }> }>(`{
      dagRun(runId: "run") {
        running: node(label: "running") { status durationMs }
        paused: node(label: "paused") { status durationMs }
        pending: node(label: "pending") { status durationMs }
      }
    }`);
    expect(data.dagRun.running?.durationMs).toBeGreaterThanOrEqual(60_000);
    expect(data.dagRun.paused).toEqual({ status: 'UNKNOWN', durationMs: null });
    expect(data.dagRun.pending).toEqual({ status: 'PENDING', durationMs: null });
  });
});

describe('the nodes of a run', () => {
  it('come in order of start, then of label', async () => {
    expect(await labels('nodes { nodeLabel }')).toEqual({ nodes: ['early', 'a', 'b', 'reused'] });
  });

  it('are filtered by label, status and time, and by all of them', async () => {
    expect(
      await labels(`
        labels: nodes(labels: ["b", "a", "nobody"]) { nodeLabel }
        noLabels: nodes(labels: []) { nodeLabel }
        statuses: nodes(statuses: [RUNNING, SKIPPED]) { nodeLabel }
        noStatuses: nodes(statuses: []) { nodeLabel }
        unknown: nodes(statuses: [UNKNOWN]) { nodeLabel }
        since: nodes(changedSince: "2023-11-14T22:13:22.500000Z") { nodeLabel }
        all: nodes(labels: ["a", "b"], statuses: [RUNNING, COMPLETED], changedSince: "2023-11-14T22:13:22Z") { nodeLabel }
        nulls: nodes(labels: null, statuses: null, changedSince: null) { nodeLabel }
      `),
    ).toEqual({
      labels: ['a', 'b'],
      noLabels: [],
      statuses: ['a', 'reused'],
      noStatuses: [],
      unknown: [],
      since: ['early', 'reused'],
      all: ['b'],
      nulls: ['early', 'a', 'b', 'reused'],
    });
  });

  it('with a status of another kind are UNKNOWN', async () => {
    await using api = await openAttachedApi(RUN, "UPDATE node_executions SET status = 'odd' WHERE node_label = 'a'");
    const { data } = await api.ask('{ dagRun(runId: "run") { nodes(statuses: [UNKNOWN]) { nodeLabel statusText } } }');
    expect(data).toEqual({ dagRun: { nodes: [{ nodeLabel: 'a', statusText: 'odd' }] } });
  });

  it('that a restart has to run are those pending, running or failed', async () => {
    await using api = await openAttachedApi(
      [...RUN, started('run', 'not begun', { at: T + 8 }), started('run', 'odd', { at: T + 9 })],
      `UPDATE node_executions SET status = 'pending' WHERE node_label = 'not begun';
       UPDATE node_executions SET status = 'odd' WHERE node_label = 'odd'`,
    );
    const { data } = await api.ask('{ dagRun(runId: "run") { pendingNodes { nodeLabel status } } }');
    expect(data).toEqual({
      dagRun: {
        pendingNodes: [
          { nodeLabel: 'early', status: 'FAILED' },
          { nodeLabel: 'a', status: 'RUNNING' },
          { nodeLabel: 'not begun', status: 'PENDING' },
        ],
      },
    });
  });
});
