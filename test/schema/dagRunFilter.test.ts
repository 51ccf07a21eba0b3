import { describe, expect, it } from 'vitest';
import { created, finished } from '../support/events.ts';
import { openApi, openAttachedApi, T } from './harness.ts';

const RUNS = [
  created('one', { dagNsref: 'etl:daily', initiatedBy: 'ann', at: T }),
  created('two', { dagNsref: 'etl:weekly', initiatedBy: 'bob', at: T + 1 }),
  finished('two'),
  created('three', { dagNsref: 'ETL:daily', at: T + 2 }),
  finished('three', { status: 'failed' }),
  created('sub', { dagNsref: 'etl:daily/map[0]', parentRunId: 'one', at: T + 3 }),
  created('subsub', { dagNsref: 'etl:daily/map[0]/call[]', parentRunId: 'sub', at: T + 4 }),
];

async function matching(filter: string): Promise<string[]> {
  await using api = await openApi(RUNS);
  const { data } = await api.ask<{ dagRuns: { nodes: { runId: string }[] } }>(
    `{ dagRuns(filter: ${filter}) { nodes { runId } } }`,
  );
  return data.dagRuns.nodes.map(({ runId }) => runId);
}

describe('a filter of runs', () => {
  it.each([
    ['nothing: roots', '{}', ['three', 'two', 'one']],
    ['null: roots', 'null', ['three', 'two', 'one']],
    ['statuses', '{ statuses: [COMPLETED, FAILED] }', ['three', 'two']],
    ['no status at all', '{ statuses: [] }', []],
    ['statuses that are null', '{ statuses: null }', ['three', 'two', 'one']],
    ['a status that nothing has', '{ statuses: [UNKNOWN] }', []],
    ['a name', '{ dagNsref: { eq: "etl:daily" } }', ['one']],
    ['names', '{ dagNsref: { in: ["etl:weekly", "ETL:daily"] } }', ['three', 'two']],
    ['no name at all', '{ dagNsref: { in: [] } }', []],
    ['how a name begins, in this very case', '{ dagNsref: { startsWith: "etl:" } }', ['two', 'one']],
    ['conditions that are null', '{ dagNsref: { eq: null, in: null, startsWith: null } }', ['three', 'two', 'one']],
    ['two conditions on a name', '{ dagNsref: { startsWith: "etl", in: ["ETL:daily", "etl:daily"] } }', ['one']],
    ['who asked', '{ initiatedBy: { in: ["ann", "bob"] } }', ['two', 'one']],
    ['conditions on several fields', '{ initiatedBy: { in: ["ann", "bob"] }, statuses: [RUNNING] }', ['one']],
    ['sub-runs beside roots', '{ includeSubRuns: true }', ['subsub', 'sub', 'three', 'two', 'one']],
    ['any parent', '{ parentRunId: null }', ['subsub', 'sub', 'three', 'two', 'one']],
    ['a parent', '{ parentRunId: "one" }', ['sub']],
    [
      'a parent, its direct children even if sub-runs are wanted',
      '{ parentRunId: "one", includeSubRuns: true }',
      ['sub'],
    ],
    ['a parent that is not there', '{ parentRunId: "nobody" }', []],
    ['started after', '{ startedAfter: "2023-11-14T22:13:20Z" }', ['three', 'two']],
    ['started before', '{ startedBefore: "2023-11-14T22:13:21Z" }', ['one']],
    [
      'started between, in another time zone',
      '{ startedAfter: "2023-11-14T23:13:20.5+01:00", startedBefore: "2023-11-14T17:13:22-05:00" }',
      ['two'],
    ],
  ])('matches %s', async (_, filter, expected) => {
    expect(await matching(filter)).toEqual(expected);
  });

  it('compares starts as they are shown: the run at a bound is outside of it', async () => {
    // A double between two microseconds, shown as the nearer one.
    await using api = await openApi([created('run', { at: T + 0.123_456_2 })]);
    const { data } = await api.ask(`{
      dagRun(runId: "run") { startedAt }
      after: dagRuns(filter: { startedAfter: "2023-11-14T22:13:20.123456Z" }) { nodes { runId } }
      before: dagRuns(filter: { startedBefore: "2023-11-14T22:13:20.123456Z" }) { nodes { runId } }
      around: dagRuns(filter: { startedAfter: "2023-11-14T22:13:20.123455Z", startedBefore: "2023-11-14T22:13:20.123457Z" }) { nodes { runId } }
    }`);
    expect(data).toEqual({
      dagRun: { startedAt: '2023-11-14T22:13:20.123456Z' },
      after: { nodes: [] },
      before: { nodes: [] },
      around: { nodes: [{ runId: 'run' }] },
    });
  });

  it('finds runs with a status of another kind as UNKNOWN', async () => {
    await using api = await openAttachedApi(RUNS, "UPDATE dag_runs SET status = 'odd' WHERE run_id = 'two'");
    const { data } = await api.ask(`{
      unknown: dagRuns(filter: { statuses: [UNKNOWN] }) { nodes { runId } }
      both: dagRuns(filter: { statuses: [UNKNOWN, FAILED] }) { nodes { runId } }
    }`);
    expect(data).toEqual({
      unknown: { nodes: [{ runId: 'two' }] },
      both: { nodes: [{ runId: 'three' }, { runId: 'two' }] },
    });
  });
});
