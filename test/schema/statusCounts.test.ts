import { expect, it } from 'vitest';
import { completed, created, failed, finished, skipped, started } from '../support/events.ts';
import { openApi, openAttachedApi } from './harness.ts';

const RUN = [
  created('root', { dagNsref: 'd' }),
  started('root', 'map'),
  started('root', 'plain'),
  completed('root', 'plain'),
  started('root', 'bad'),
  failed('root', 'bad'),
  skipped('root', 'reused'),
  ...['map[0]', 'map[1]', 'map[1] ', 'nobody[0]'].map((key) =>
    created(key, { dagNsref: `d/${key.trim()}`, parentRunId: 'root' }),
  ),
  finished('map[1]'),
];

it('counts the nodes of a run by status', async () => {
  await using api = await openApi(RUN);
  const { data, calls } = await api.ask(`{
    dagRun(runId: "root") { nodeCounts { total pending running completed failed skipped unknown } }
  }`);
  expect(data).toEqual({
    dagRun: { nodeCounts: { total: 4, pending: 0, running: 1, completed: 1, failed: 1, skipped: 1, unknown: 0 } },
  });
  expect(calls).toEqual(['runsByIds', 'nodeCounts']);
});

it('counts the sub-runs of each node by status, every run of a key', async () => {
  await using api = await openApi(RUN);
  const { data, calls } = await api.ask(`{
    dagRun(runId: "root") {
      nodes(labels: ["map", "plain"]) { nodeLabel subDagCounts { total running paused completed failed cancelled unknown } }
    }
  }`);
  const none = { total: 0, running: 0, paused: 0, completed: 0, failed: 0, cancelled: 0, unknown: 0 };
  expect(data).toEqual({
    dagRun: {
      nodes: [
        { nodeLabel: 'map', subDagCounts: { ...none, total: 3, running: 2, completed: 1 } },
        { nodeLabel: 'plain', subDagCounts: none },
      ],
    },
  });
  expect(calls).toEqual(['runsByIds', 'nodesByRuns', 'childCounts']);
});

it('counts statuses of other kinds as unknown', async () => {
  await using api = await openAttachedApi(
    RUN,
    `UPDATE node_executions SET status = 'odd' WHERE node_label = 'bad';
     UPDATE node_executions SET status = 'odder' WHERE node_label = 'plain';
     UPDATE dag_runs SET status = 'odd' WHERE run_id IN ('map[0]', 'map[1]')`,
  );
  const { data } = await api.ask(`{
    dagRun(runId: "root") { nodeCounts { total unknown } node(label: "map") { subDagCounts { total unknown } } }
  }`);
  expect(data).toEqual({
    dagRun: { nodeCounts: { total: 4, unknown: 2 }, node: { subDagCounts: { total: 3, unknown: 2 } } },
  });
});
