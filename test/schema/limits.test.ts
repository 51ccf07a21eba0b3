import { describe, expect, it } from 'vitest';
import { completed, created, started } from '../support/events.ts';
import { openApi, T } from './harness.ts';

/** Runs inside each other, each with a node `call`, in which the next one runs. */
function chain(length: number) {
  return Array.from({ length }, (_, level) => {
    const nsref = `d${'/call[]'.repeat(level)}`;
    const parentRunId = level === 0 ? undefined : `run-${level - 1}`;
    return [
      created(`run-${level}`, { dagNsref: nsref, parentRunId, at: T + level }),
      started(`run-${level}`, 'call', { inputJson: '[]' }),
    ];
  }).flat();
}

const RUN_FIELDS = `
  id runId dagNsref status statusText startedAt finishedAt durationMs initiatedBy latestUpdate expansionKey
  io { inputJson outputJson input output inputBytes outputBytes unparsable }
  edges { upstreamLabel downstreamLabel traversedAt }
  nodeCounts { total pending running completed failed skipped unknown }`;
const NODE_FIELDS = `
  id nodeLabel status statusText isSource isSink startedAt finishedAt durationMs error
  io { inputJson outputJson input output inputBytes outputBytes unparsable }
  edges { downstreamLabel }
  subDagCounts { total running paused completed failed cancelled unknown }`;

/** Everything of runs nested so many levels deep. */
function tree(levels: number): string {
  const inner = levels > 1 ? `subDags { key run { ${tree(levels - 1)} } earlierRuns { runId } }` : '';
  return `${RUN_FIELDS} nodes { ${NODE_FIELDS} ${inner} }`;
}

describe('the limits', () => {
  it('allow everything of a tree of six levels, and of a page of trees', async () => {
    await using api = await openApi(chain(7));
    expect((await api.ask(`{ dagRun(runId: "run-0") { ${tree(6)} } }`)).codes).toEqual([]);
    expect((await api.ask(`{ dagRuns { nodes { ${tree(5)} } } }`)).codes).toEqual([]);
    expect((await api.ask(`{ dagRuns(first: 1000) { nodes { ${RUN_FIELDS} } } }`)).codes).toEqual([]);
  });

  it('refuse a query that is 30 levels deep, and say what to do', async () => {
    await using api = await openApi(chain(1));
    const { data, codes, messages } = await api.ask(
      `{ dagRun(runId: "run-0") ${'{ parent '.repeat(28)} { runId } ${'}'.repeat(28)} }`,
    );
    expect(data).toBeNull();
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(messages[0]).toMatch(/30 levels deep, and 25 are allowed\. Ask for what is deeper in a query of its own/);
  });

  it('refuse the same field under a thousand names', async () => {
    await using api = await openApi(chain(1));
    const aliases = Array.from({ length: 1_000 }, (_, index) => `a${index}: dagRuns { nodes { runId } }`);
    const { codes, calls } = await api.ask(`{ ${aliases.join(' ')} }`);
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(calls).toEqual([]);
  });

  it('refuse fragments that double at every level', async () => {
    await using api = await openApi(chain(1));
    const fragments = Array.from(
      { length: 20 },
      (_, level) => `fragment F${level} on DagRun { a: root { ...F${level + 1} } b: root { ...F${level + 1} } }`,
    );
    const { codes, calls } = await api.ask(
      `{ dagRun(runId: "run-0") { ...F0 } } ${fragments.join(' ')} fragment F20 on DagRun { runId }`,
    );
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(calls).toEqual([]);
  });

  it('count what is in a large page once for every 50 runs', async () => {
    await using api = await openApi(chain(1));
    const query = (first: number) => `{ dagRuns(first: ${first}) { nodes { runId dagNsref status } } }`;
    const limits = { maxComplexity: 8 };
    expect((await api.ask(query(50), { limits })).codes).toEqual([]);
    expect((await api.ask(query(100), { limits })).codes).toEqual(['LIMIT_EXCEEDED']);
    expect(
      (
        await api.ask('query ($n: Int) { dagRuns(first: $n) { nodes { runId dagNsref status } } }', {
          limits,
          variables: { n: 100 },
        })
      ).codes,
    ).toEqual(['LIMIT_EXCEEDED']);
  });

  it('leave introspection alone', async () => {
    await using api = await openApi();
    const { data, codes } = await api.ask(
      '{ __schema { types { name fields { type { ofType { ofType { ofType { name } } } } } } } }',
      {
        limits: { maxDepth: 2, maxComplexity: 2 },
      },
    );
    expect(codes).toEqual([]);
    expect(data).not.toBeNull();
  });
});

describe('the budget of rows', () => {
  it('is used up by all reads of a request together', async () => {
    await using api = await openApi([
      created('run'),
      ...Array.from({ length: 10 }, (_, index) => started('run', `n${index}`)),
    ]);
    const query = '{ dagRun(runId: "run") { nodes { nodeLabel io { inputBytes } } } }';
    const enough = (await api.ask(query, { limits: { maxRows: 21 } })).codes;
    expect(enough).toEqual([]);
    const tooFew = await api.ask(query, { limits: { maxRows: 5 } });
    expect(tooFew.codes).toEqual(['LIMIT_EXCEEDED']);
    expect(tooFew.data).toBeNull();
    // Not to be read a second time only to fail again.
    expect(tooFew.calls).toEqual(['runsByIds', 'nodesByRuns']);
  });

  it('refuses a page that is larger than it, and says what to do', async () => {
    await using api = await openApi(Array.from({ length: 10 }, (_, index) => created(`run-${index}`)));
    const { codes, messages } = await api.ask('{ dagRuns { nodes { runId } } }', { limits: { maxRows: 9 } });
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(messages[0]).toMatch(/more than 9 rows\. Ask for smaller pages, filter, or nest less/);
  });

  it('is looked at before long pages of further runs are read', async () => {
    await using api = await openApi(Array.from({ length: 10 }, (_, index) => created(`run-${index}`)));
    const pages = (first: number) => `{ dagRuns { nodes { childRuns(first: ${first}) { nodes { runId } } } } }`;
    const reads = async (first: number) => (await api.ask(pages(first))).calls.filter((call) => call === 'childPages');
    expect(await reads(50)).toHaveLength(1);
    expect(await reads(1_000)).toHaveLength(5);
  });

  it('is whole again for the next request', async () => {
    await using api = await openApi(Array.from({ length: 10 }, (_, index) => created(`run-${index}`)));
    for (let times = 0; times < 3; times++) {
      expect((await api.ask('{ dagRuns { nodes { runId } } }', { limits: { maxRows: 10 } })).codes).toEqual([]);
    }
  });
});

describe('the budget of bytes', () => {
  const RUN = [
    created('run'),
    ...['a', 'b'].flatMap((label) => [
      started('run', label, { inputJson: `"${'x'.repeat(998)}"` }),
      completed('run', label),
    ]),
  ];

  it('refuses payloads before they are read, and says what to do', async () => {
    await using api = await openApi(RUN);
    const { codes, messages, calls } = await api.ask('{ dagRun(runId: "run") { nodes { io { inputJson } } } }', {
      limits: { maxReadBytes: 1_999 },
    });
    expect(new Set(codes)).toEqual(new Set(['LIMIT_EXCEEDED']));
    expect(messages[0]).toMatch(/more than 1999 bytes\. Ask for the io of fewer nodes at once/);
    expect(calls.filter((call) => call.includes('Payload')).slice(0, 2)).toEqual(['nodePayloads', 'nodePayloadSizes']);
  });

  it('is not touched by sizes', async () => {
    await using api = await openApi(RUN);
    const { data, codes } = await api.ask('{ dagRun(runId: "run") { nodes(labels: "a") { io { inputBytes } } } }', {
      limits: { maxReadBytes: 1 },
    });
    expect(codes).toEqual([]);
    expect(data).toEqual({ dagRun: { nodes: [{ io: { inputBytes: 1_000 } }] } });
  });
});

describe('the time of a request', () => {
  it('is up at its end: then nothing more is read or recorded', async () => {
    await using api = await openApi([created('run')]);
    const limits = { requestTimeoutMs: -1 };
    const read = await api.ask('{ dagRun(runId: "run") { runId } }', { limits });
    expect(read.codes).toEqual(['LIMIT_EXCEEDED']);
    expect(read.messages[0]).toMatch(/Ask for less at once/);
    expect(read.calls).toEqual([]);
    const write = await api.ask('mutation { createRun(input: { runId: "new", dagNsref: "d" }) { changed } }', {
      limits,
    });
    expect(write.codes).toEqual(['LIMIT_EXCEEDED']);
    expect(write.calls).toEqual([]);
  });

  it('is up when nobody waits for the answer any more', async () => {
    await using api = await openApi([created('run')]);
    const { codes, calls } = await api.ask('{ dagRun(runId: "run") { runId } }', { signal: AbortSignal.abort() });
    expect(codes).toEqual(['LIMIT_EXCEEDED']);
    expect(calls).toEqual([]);
  });
});
