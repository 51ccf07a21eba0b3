import { describe, expect, it } from 'vitest';
import { created, finished, restarted, started } from '../support/events.ts';
import { type Api, openApi, openAttachedApi, T } from './harness.ts';

interface WithSubDags {
  readonly dagRun: {
    readonly node: { readonly subDags: { readonly key: string; readonly run: { readonly runId: string } }[] };
  };
}

/** The keys of what ran inside a node of the run `root`. */
async function keysOf(api: Api, label: string, args = ''): Promise<string[]> {
  const { data } = await api.ask<WithSubDags>(
    `query ($label: String!) { dagRun(runId: "root") { node(label: $label) { subDags${args} { key run { runId } } } } }`,
    { variables: { label } },
  );
  return data.dagRun.node.subDags.map(({ key }) => key);
}

/** A root with these nodes and a sub-run for each of these keys, whose id is its key. */
function rootWith(labels: readonly string[], keys: readonly string[]) {
  return [
    created('root', { dagNsref: 'd', at: T }),
    ...labels.map((label) => started('root', label)),
    ...keys.map((key) => created(`run of ${key}`, { dagNsref: `d/${key}`, parentRunId: 'root', at: T + 1 })),
  ];
}

describe('the sub-DAGs of a node', () => {
  it('come in natural order of their keys', async () => {
    await using api = await openApi(rootWith(['map'], ['map[10]', 'map[b]', 'map[2]', 'map[a]', 'map[1]']));
    expect(await keysOf(api, 'map')).toEqual(['map[1]', 'map[2]', 'map[10]', 'map[a]', 'map[b]']);
  });

  it('are none where nothing ran inside', async () => {
    await using api = await openApi(rootWith(['map', 'plain'], ['map[0]']));
    expect(await keysOf(api, 'plain')).toEqual([]);
  });

  it('belong to the node with the longest label that their key begins with', async () => {
    const labels = ['group', 'group[x]', 'a', 'a/b', ''];
    const keys = ['group[x]', 'group[x][0]', 'group[y]', 'a/b[0]', 'a/b', 'a[0]', '[0]', '/call', 'group[x]/call'];
    await using api = await openApi(rootWith(labels, keys));
    expect(
      Object.fromEntries(await Promise.all(labels.map(async (label) => [label, await keysOf(api, label)]))),
    ).toEqual({
      group: ['group[x]', 'group[y]'],
      'group[x]': ['group[x]/call', 'group[x][0]'],
      a: ['a/b', 'a[0]'],
      'a/b': ['a/b[0]'],
      '': ['/call', '[0]'],
    });
  });

  it('that belong to no node are in childRuns only', async () => {
    await using api = await openApi([
      ...rootWith(['map'], ['map[0]', 'nobody[0]']),
      created('stranger', { dagNsref: 'other:dag', parentRunId: 'root', at: T + 2 }),
    ]);
    expect(await keysOf(api, 'map')).toEqual(['map[0]']);
    const { data } = await api.ask(`{
      dagRun(runId: "root") { childRuns { nodes { runId expansionKey parentNode { nodeLabel } } } }
    }`);
    expect(data).toEqual({
      dagRun: {
        childRuns: {
          nodes: [
            { runId: 'run of map[0]', expansionKey: 'map[0]', parentNode: { nodeLabel: 'map' } },
            { runId: 'run of nobody[0]', expansionKey: 'nobody[0]', parentNode: null },
            { runId: 'stranger', expansionKey: null, parentNode: null },
          ],
        },
      },
    });
  });

  it('show the newest run of a key that was run again, and the earlier ones newest first', async () => {
    const again = (runId: string, at: number) => created(runId, { dagNsref: 'd/map[0]', parentRunId: 'root', at });
    await using api = await openApi([
      ...rootWith(['map'], ['map[1]']),
      again('third', T + 3),
      again('first', T + 1),
      again('second', T + 2),
      again('second too', T + 2),
    ]);
    const { data } = await api.ask(`{
      dagRun(runId: "root") { node(label: "map") { subDags { key run { runId } earlierRuns { runId } } } }
    }`);
    expect(data).toEqual({
      dagRun: {
        node: {
          subDags: [
            {
              key: 'map[0]',
              run: { runId: 'third' },
              earlierRuns: [{ runId: 'second too' }, { runId: 'second' }, { runId: 'first' }],
            },
            { key: 'map[1]', run: { runId: 'run of map[1]' }, earlierRuns: [] },
          ],
        },
      },
    });
  });

  it('are filtered by key and by the status of their newest run', async () => {
    await using api = await openApi([
      ...rootWith(['map'], ['map[0]', 'map[1]', 'map[2]']),
      finished('run of map[0]', { status: 'failed' }),
      created('again', { dagNsref: 'd/map[0]', parentRunId: 'root', at: T + 5 }),
      finished('run of map[1]'),
    ]);
    expect(await keysOf(api, 'map', '(keys: ["map[2]", "map[0]", "map[7]"])')).toEqual(['map[0]', 'map[2]']);
    expect(await keysOf(api, 'map', '(keys: [])')).toEqual([]);
    expect(await keysOf(api, 'map', '(keys: null, statuses: null)')).toEqual(['map[0]', 'map[1]', 'map[2]']);
    expect(await keysOf(api, 'map', '(statuses: [RUNNING])')).toEqual(['map[0]', 'map[2]']);
    expect(await keysOf(api, 'map', '(statuses: [FAILED])')).toEqual([]);
    expect(await keysOf(api, 'map', '(statuses: [])')).toEqual([]);
    expect(await keysOf(api, 'map', '(keys: ["map[0]", "map[1]"], statuses: [COMPLETED])')).toEqual(['map[1]']);
  });

  it('with a status of another kind are UNKNOWN', async () => {
    await using api = await openAttachedApi(
      rootWith(['map'], ['map[0]', 'map[1]']),
      "UPDATE dag_runs SET status = 'odd' WHERE run_id = 'run of map[1]'",
    );
    expect(await keysOf(api, 'map', '(statuses: [UNKNOWN])')).toEqual(['map[1]']);
  });

  it('are paged by key, within what the filters leave', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `map[${index}]`);
    await using api = await openApi([...rootWith(['map'], keys), finished('run of map[3]')]);
    expect(await keysOf(api, 'map', '(first: 3)')).toEqual(['map[0]', 'map[1]', 'map[2]']);
    expect(await keysOf(api, 'map', '(first: 2, after: "map[2]", statuses: [RUNNING])')).toEqual(['map[4]', 'map[5]']);
    expect(await keysOf(api, 'map', '(after: "map[9]")')).toEqual(['map[10]', 'map[11]']);
    expect(await keysOf(api, 'map', '(after: "map[4]?", first: 1)')).toEqual(['map[5]']);
    expect(await keysOf(api, 'map', '(first: 0)')).toEqual([]);
    expect(await keysOf(api, 'map', '(after: "anything may stand here", first: 1)')).toEqual(['map[0]']);
  });

  it('give the same list in pages of any size', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `map[${index}]`);
    await using api = await openApi(rootWith(['map'], keys));
    for (const size of [1, 2, 5, 12, 13]) {
      const paged: string[] = [];
      for (;;) {
        const after = paged.length > 0 ? `, after: "${paged.at(-1)}"` : '';
        const page = await keysOf(api, 'map', `(first: ${size}${after})`);
        paged.push(...page);
        if (page.length < size) break;
      }
      expect(paged).toEqual(keys);
    }
  });

  it('are refused in pages that cannot be', async () => {
    await using api = await openApi(rootWith(['map'], ['map[0]']));
    for (const first of [-1, 1001]) {
      const { codes } = await api.ask(`{ dagRun(runId: "root") { nodes { subDags(first: ${first}) { key } } } }`);
      expect(codes).toEqual(['BAD_REQUEST']);
    }
  });

  it('nest', async () => {
    await using api = await openApi([
      ...rootWith(['map'], ['map[0]']),
      started('run of map[0]', 'call'),
      created('inner', { dagNsref: 'd/map[0]/call[]', parentRunId: 'run of map[0]', at: T + 2 }),
      started('inner', 'leaf'),
    ]);
    const { data } = await api.ask(`{
      dagRun(runId: "root") { nodes { subDags { run { nodes { subDags { key run { nodes { nodeLabel subDags { key } } } } } } } } }
    }`);
    expect(data).toEqual({
      dagRun: {
        nodes: [
          {
            subDags: [
              {
                run: {
                  nodes: [{ subDags: [{ key: 'call[]', run: { nodes: [{ nodeLabel: 'leaf', subDags: [] }] } }] }],
                },
              },
            ],
          },
        ],
      },
    });
  });
});

it('a run that was restarted shows what ran inside its nodes before and after', async () => {
  await using api = await openApi([
    ...rootWith(['map'], ['map[0]']),
    finished('run of map[0]', { status: 'failed' }),
    finished('root', { status: 'failed' }),
    restarted('root'),
    started('root', 'map'),
    created('again', { dagNsref: 'd/map[0]', parentRunId: 'root', at: T + 9 }),
  ]);
  const { data } = await api.ask(`{
    dagRun(runId: "root") { node(label: "map") { subDags { run { runId status } earlierRuns { runId status } } } }
  }`);
  expect(data).toEqual({
    dagRun: {
      node: {
        subDags: [
          { run: { runId: 'again', status: 'RUNNING' }, earlierRuns: [{ runId: 'run of map[0]', status: 'FAILED' }] },
        ],
      },
    },
  });
});
