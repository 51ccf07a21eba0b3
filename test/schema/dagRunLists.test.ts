import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCursor } from '../../src/schema/page.ts';
import { created, finished } from '../support/events.ts';
import { type Api, openApi, T } from './harness.ts';

interface Page {
  readonly nodes: { readonly runId: string }[];
  readonly edges: { readonly cursor: string; readonly node: { readonly runId: string } }[];
  readonly pageInfo: {
    readonly startCursor: string | null;
    readonly endCursor: string | null;
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
  };
}

const PAGE = `{
  nodes { runId }
  edges { cursor node { runId } }
  pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
}`;

/** Two of them started at the same time. */
const FIVE_RUNS = [
  created('a', { at: T }),
  created('b', { at: T + 1 }),
  created('d', { at: T + 2 }),
  created('c', { at: T + 2 }),
  created('e', { at: T + 0.3 + 0.1 }),
];
const NEWEST_FIRST = ['d', 'c', 'b', 'e', 'a'];

async function dagRuns(api: Api, args: Record<string, unknown> = {}): Promise<Page> {
  const { data } = await api.ask<{ dagRuns: Page }>(
    `query ($first: Int, $after: String, $last: Int, $before: String) {
      dagRuns(first: $first, after: $after, last: $last, before: $before) ${PAGE}
    }`,
    { variables: args },
  );
  return data.dagRuns;
}

function idsOf(page: Page): string[] {
  return page.nodes.map(({ runId }) => runId);
}

describe('dagRuns', () => {
  it('lists roots, newest first by start, then by id', async () => {
    await using api = await openApi([...FIVE_RUNS, created('sub', { parentRunId: 'a', at: T + 9 })]);
    const page = await dagRuns(api);
    expect(idsOf(page)).toEqual(NEWEST_FIRST);
    expect(page.edges.map(({ node }) => node.runId)).toEqual(NEWEST_FIRST);
  });

  it('gives 50 unless told otherwise', async () => {
    await using api = await openApi(Array.from({ length: 60 }, (_, index) => created(`run-${index}`)));
    expect((await dagRuns(api)).nodes).toHaveLength(50);
    expect((await dagRuns(api, { first: 60 })).nodes).toHaveLength(60);
  });

  it('pages forwards', async () => {
    await using api = await openApi(FIVE_RUNS);
    const first = await dagRuns(api, { first: 2 });
    const second = await dagRuns(api, { first: 2, after: first.pageInfo.endCursor });
    const third = await dagRuns(api, { first: 2, after: second.pageInfo.endCursor });
    expect([first, second, third].map(idsOf)).toEqual([['d', 'c'], ['b', 'e'], ['a']]);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, true, true]);
    expect(first.pageInfo.startCursor).toBe(first.edges[0]?.cursor);
    expect(first.pageInfo.endCursor).toBe(first.edges[1]?.cursor);
  });

  it('pages backwards, in the same order', async () => {
    await using api = await openApi(FIVE_RUNS);
    const last = await dagRuns(api, { last: 2 });
    const middle = await dagRuns(api, { last: 2, before: last.pageInfo.startCursor });
    const first = await dagRuns(api, { last: 2, before: middle.pageInfo.startCursor });
    expect([last, middle, first].map(idsOf)).toEqual([['e', 'a'], ['c', 'b'], ['d']]);
    expect([last, middle, first].map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([true, true, false]);
    expect([last, middle, first].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([false, true, true]);
  });

  it('gives what is between two cursors', async () => {
    await using api = await openApi(FIVE_RUNS);
    const { edges } = await dagRuns(api);
    const page = await dagRuns(api, { after: edges[0]?.cursor, before: edges[4]?.cursor });
    expect(idsOf(page)).toEqual(['c', 'b', 'e']);
    expect(page.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  });

  it('has null for the cursors of an empty page', async () => {
    await using api = await openApi();
    expect(await dagRuns(api)).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false },
    });
  });

  it('tells from a page of none whether there are any', async () => {
    await using api = await openApi(FIVE_RUNS);
    const { nodes, pageInfo } = await dagRuns(api, { first: 0 });
    expect(nodes).toEqual([]);
    expect(pageInfo).toMatchObject({ hasNextPage: true, endCursor: null });
  });

  it('goes on from the place of a run that is not there', async () => {
    await using api = await openApi(FIVE_RUNS);
    expect(idsOf(await dagRuns(api, { after: toCursor({ startedAt: T + 1.5, runId: '' }) }))).toEqual(['b', 'e', 'a']);
  });

  it('gives the same list in pages of any size, from either end', async () => {
    const starts = fc.array(
      fc.nat({ max: 5 }).map((tenths) => T + tenths / 10),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(starts, fc.integer({ min: 1, max: 5 }), async (times, size) => {
        await using api = await openApi(times.map((at, index) => created(`run-${index}`, { at })));
        const whole = idsOf(await dagRuns(api));

        const forwards: string[] = [];
        let page = await dagRuns(api, { first: size });
        forwards.push(...idsOf(page));
        while (page.pageInfo.hasNextPage) {
          page = await dagRuns(api, { first: size, after: page.pageInfo.endCursor });
          forwards.push(...idsOf(page));
        }
        expect(forwards).toEqual(whole);

        const backwards: string[] = [];
        page = await dagRuns(api, { last: size });
        backwards.unshift(...idsOf(page));
        while (page.pageInfo.hasPreviousPage) {
          page = await dagRuns(api, { last: size, before: page.pageInfo.startCursor });
          backwards.unshift(...idsOf(page));
        }
        expect(backwards).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a page that cannot be', () => {
  it.each([
    ['a negative first', 'first: -1', 'BAD_REQUEST'],
    ['a huge first', 'first: 1001', 'BAD_REQUEST'],
    ['a negative last', 'last: -1', 'BAD_REQUEST'],
    ['a huge last', 'last: 2147483647', 'BAD_REQUEST'],
    ['first and last together', 'first: 1, last: 1', 'BAD_REQUEST'],
    ['a cursor that is any text', 'after: "nonsense"', 'INVALID_CURSOR'],
    ['an empty cursor', 'after: ""', 'INVALID_CURSOR'],
    ['a cursor of JSON that is no place', `after: "${Buffer.from('[1,2,3]').toString('base64url')}"`, 'INVALID_CURSOR'],
    ['a cursor of another version', `before: "${Buffer.from('[2,1,"a"]').toString('base64url')}"`, 'INVALID_CURSOR'],
    ['a cursor with something added', `after: "${toCursor({ startedAt: 1, runId: 'a' })}=="`, 'INVALID_CURSOR'],
  ])('is refused: %s', async (_, args, code) => {
    await using api = await openApi(FIVE_RUNS);
    const { data, codes } = await api.ask(`{ dagRuns(${args}) { nodes { runId } } }`);
    expect(codes).toEqual([code]);
    expect(data).toBeNull();
  });

  it('is refused for sub-runs as for roots', async () => {
    await using api = await openApi(FIVE_RUNS);
    const { codes } = await api.ask(`{
      dagRun(runId: "a") { childRuns(first: -1) { nodes { runId } } }
      b: dagRun(runId: "b") { descendants(after: "x") { nodes { runId } } }
    }`);
    expect(codes.toSorted()).toEqual(['BAD_REQUEST', 'INVALID_CURSOR']);
  });

  it('is none because an argument is null', async () => {
    await using api = await openApi(FIVE_RUNS);
    expect(idsOf(await dagRuns(api, { first: null, after: null, last: null, before: null }))).toEqual(NEWEST_FIRST);
  });
});

describe('activeRuns', () => {
  const runs = [
    created('running', { at: T }),
    created('done', { at: T + 1 }),
    finished('done'),
    created('newer', { at: T + 2, initiatedBy: 'ann' }),
    created('sub', { at: T + 3, parentRunId: 'running' }),
  ];

  it('lists roots that are running, newest first', async () => {
    await using api = await openApi(runs);
    const { data } = await api.ask('{ activeRuns { nodes { runId } } }');
    expect(data).toEqual({ activeRuns: { nodes: [{ runId: 'newer' }, { runId: 'running' }] } });
  });

  it('pages', async () => {
    await using api = await openApi(runs);
    const first = await api.ask<{ activeRuns: Page }>(`{ activeRuns(first: 1) ${PAGE} }`);
    const { endCursor } = first.data.activeRuns.pageInfo;
    const second = await api.ask<{ activeRuns: Page }>(`{ activeRuns(first: 1, after: "${endCursor}") ${PAGE} }`);
    expect([first, second].map(({ data }) => idsOf(data.activeRuns))).toEqual([['newer'], ['running']]);
  });

  it('takes a filter, whose statuses can only narrow it', async () => {
    await using api = await openApi(runs);
    const { data } = await api.ask(`{
      ann: activeRuns(filter: { initiatedBy: { eq: "ann" } }) { nodes { runId } }
      all: activeRuns(filter: { includeSubRuns: true }) { nodes { runId } }
      some: activeRuns(filter: { statuses: [RUNNING, COMPLETED] }) { nodes { runId } }
      none: activeRuns(filter: { statuses: [COMPLETED] }) { nodes { runId } }
    }`);
    expect(data).toEqual({
      ann: { nodes: [{ runId: 'newer' }] },
      all: { nodes: [{ runId: 'sub' }, { runId: 'newer' }, { runId: 'running' }] },
      some: { nodes: [{ runId: 'newer' }, { runId: 'running' }] },
      none: { nodes: [] },
    });
  });
});

describe('the sub-runs of a run', () => {
  /** Two roots with two children each, the first of which have a child of their own. */
  const families = ['x', 'y'].flatMap((root) => [
    created(root, { dagNsref: root, at: T }),
    created(`${root}2`, { dagNsref: `${root}/m[2]`, parentRunId: root, at: T + 2 }),
    created(`${root}1`, { dagNsref: `${root}/m[1]`, parentRunId: root, at: T + 1 }),
    created(`${root}1a`, { dagNsref: `${root}/m[1]/c[]`, parentRunId: `${root}1`, at: T + 1.5 }),
  ]);

  it('are direct ones in childRuns and all in descendants, oldest first', async () => {
    await using api = await openApi(families);
    const { data } = await api.ask(`{
      dagRun(runId: "x") { childRuns { nodes { runId } } descendants { nodes { runId } } }
    }`);
    expect(data).toEqual({
      dagRun: {
        childRuns: { nodes: [{ runId: 'x1' }, { runId: 'x2' }] },
        descendants: { nodes: [{ runId: 'x1' }, { runId: 'x1a' }, { runId: 'x2' }] },
      },
    });
  });

  it('are paged for many runs at once, each within its own list', async () => {
    await using api = await openApi(families);
    const { data } = await api.ask<{ dagRuns: { nodes: { childRuns: Page; descendants: Page }[] } }>(
      `{ dagRuns { nodes { childRuns(first: 1) ${PAGE} descendants(first: 2) ${PAGE} } } }`,
    );
    const roots = data.dagRuns.nodes;
    expect(roots.map(({ childRuns }) => idsOf(childRuns))).toEqual([['y1'], ['x1']]);
    expect(roots.map(({ descendants }) => idsOf(descendants))).toEqual([
      ['y1', 'y1a'],
      ['x1', 'x1a'],
    ]);
    expect(
      roots.every(({ childRuns, descendants }) => childRuns.pageInfo.hasNextPage && descendants.pageInfo.hasNextPage),
    ).toBe(true);

    const after = roots[1]?.descendants.pageInfo.endCursor;
    const rest = await api.ask<{ dagRun: { descendants: Page } }>(
      `{ dagRun(runId: "x") { descendants(after: "${after}") ${PAGE} } }`,
    );
    expect(idsOf(rest.data.dagRun.descendants)).toEqual(['x2']);
    expect(rest.data.dagRun.descendants.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('may be asked for twice with other arguments in one request', async () => {
    await using api = await openApi(families);
    const { data } = await api.ask(`{
      dagRun(runId: "x") { one: childRuns(first: 1) { nodes { runId } } all: childRuns { nodes { runId } } }
    }`);
    expect(data).toEqual({
      dagRun: { one: { nodes: [{ runId: 'x1' }] }, all: { nodes: [{ runId: 'x1' }, { runId: 'x2' }] } },
    });
  });
});
