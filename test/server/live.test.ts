import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { completed, finished, started } from '../support/events.ts';
import { overriding } from './harness.ts';
import { eventually, Following, serveRun, TRANSPORTS, watched } from './live.ts';

describe.each(TRANSPORTS)('A client that follows a run over $name', (transport) => {
  it('is told at once what there is, then what changes, and when all has ended', async () => {
    await using harness = await serveRun();
    const following = new Following(transport, harness.server.url);
    await eventually(() => expect(following.nodes).toEqual(['a RUNNING']));
    await harness.store.record([completed('run', 'a')]);
    await eventually(() => expect(following.nodes).toEqual(['a RUNNING', 'a COMPLETED']));
    expect(following.end).toBeUndefined();
    await harness.store.record([finished('run')]);
    await eventually(() => expect(following.end).toBe('complete'));
    expect(following.changes.map(({ reset }) => reset)).toEqual([true, false, false]);
    expect(following.changes.at(-1)?.changedRuns).toEqual([{ runId: 'run', status: 'COMPLETED' }]);
  });

  it('goes on from the cursor of a query, without a gap', async () => {
    await using harness = await serveRun();
    const { data } = await harness.ask({ query: '{ dagRun(runId: "run") { cursor } }' });
    const { cursor } = (data as { dagRun: { cursor: string } }).dagRun;
    await harness.store.record([completed('run', 'a')]);
    const following = new Following(transport, harness.server.url, { variables: { after: cursor } });
    await eventually(() => expect(following.nodes).toEqual(['a COMPLETED']));
    expect(following.changes[0]?.reset).toBe(false);
    following.leave();
  });

  it('is told the same as all others who follow it', async () => {
    await using harness = await serveRun();
    const all = Array.from({ length: 20 }, () => new Following(transport, harness.server.url));
    await eventually(() => expect(all.every(({ sent }) => sent.length === 1)).toBe(true));
    for (const label of ['b', 'c', 'd']) {
      await harness.store.record([started('run', label)]);
      await harness.store.record([completed('run', label)]);
    }
    await harness.store.record([finished('run')]);
    await eventually(() => expect(all.every(({ end }) => end === 'complete')).toBe(true));
    for (const { changes } of all) expect(changes.at(-1)).toEqual(all[0]?.changes.at(-1));
    for (const { nodes } of all) expect(newest(nodes)).toEqual(newest(all[0]?.nodes ?? []));
  });

  it('costs the server nothing more once it has left', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const [one, other] = [0, 1].map(() => new Following(transport, harness.server.url));
    await eventually(() => expect([one?.sent.length, other?.sent.length]).toEqual([1, 1]));
    expect(listening()).toBe(1);
    one?.leave();
    await setTimeout(50);
    expect(listening()).toBe(1);
    other?.leave();
    await eventually(() => expect(listening()).toBe(0));
  });

  it('is refused what cannot be followed, with the reason', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const refused = async (variables: Record<string, unknown>) => {
      const following = new Following(transport, harness.server.url, { variables });
      await eventually(() => expect(following.end).toBeDefined());
      return following.codes;
    };
    expect(await refused({ runId: 'nothing' })).toEqual(['BAD_REQUEST']);
    expect(await refused({ after: 'nonsense' })).toEqual(['INVALID_CURSOR']);
    expect(await refused({ after: 5 })).toEqual(['BAD_REQUEST']);
    expect(listening()).toBe(0);
  });

  it('is bound by the limits of every operation', async () => {
    await using harness = await serveRun({ config: { maxTokens: 100, maxDepth: 4, maxComplexity: 20 } });
    const refused = async (query: string) => {
      const following = new Following(transport, harness.server.url, { query });
      await eventually(() => expect(following.end).toBeDefined());
      return following.codes;
    };
    const wrapped = (selection: string) => `subscription { dagRunChanges(runId: "run") { run { ${selection} } } }`;
    expect(await refused(wrapped('runId '.repeat(100)))).toEqual(['LIMIT_EXCEEDED']);
    expect(await refused(wrapped('nodes { run { runId } }'))).toEqual(['LIMIT_EXCEEDED']);
    const wide = Array.from({ length: 20 }, (_, index) => `f${index}: runId`).join(' ');
    expect(await refused(wrapped(wide))).toEqual(['LIMIT_EXCEEDED']);
    expect(await refused('subscription { nothing }')).toEqual(['BAD_REQUEST']);
    expect(await refused('subscription {')).toEqual(['BAD_REQUEST']);
  });

  it('sees a fault of the store as what it is, and of others only a number', async () => {
    let failure: Error | undefined;
    const wrap = (store: Store) =>
      overriding(store, {
        treeChanges(...args) {
          if (failure && args[1] !== null) throw failure;
          return store.treeChanges(...args);
        },
      });
    await using harness = await serveRun({ wrap });
    const seenOf = async (error: Error) => {
      failure = undefined;
      const following = new Following(transport, harness.server.url);
      await eventually(() => expect(following.sent).toHaveLength(1));
      failure = error;
      await harness.store.record([started('run', error.name)]);
      await eventually(() => expect(following.end).toBeDefined());
      expect(JSON.stringify([following.sent, following.end])).not.toMatch(/swordfish|unexpected|http/);
      return following.codes;
    };
    expect(await seenOf(new Fault('STORE_CORRUPT', 'runs.db is damaged.'))).toEqual(['STORE_CORRUPT']);
    expect(await seenOf(new TypeError('the password is swordfish'))).toEqual(['INTERNAL']);
    expect(harness.log.filter(({ errorId }) => errorId)).toHaveLength(1);
  });

  it('is told no event after one that cannot be told, so that there is no gap', async () => {
    let reads = 0;
    const wrap = (store: Store) =>
      overriding(store, {
        nodeCounts(...args) {
          reads += 1;
          if (reads > 1) throw new Fault('STORE_BUSY', 'runs.db is locked; try again.');
          return store.nodeCounts(...args);
        },
      });
    await using harness = await serveRun({ wrap });
    const query = 'subscription { dagRunChanges(runId: "run") { cursor run { nodeCounts { total } } } }';
    const following = new Following(transport, harness.server.url, { query });
    await eventually(() => expect(following.sent).toHaveLength(1));
    await harness.store.record([started('run', 'b')]);
    await eventually(() => expect(following.end).toBe('complete'));
    expect(following.sent).toMatchObject([{ data: {} }, { data: null }]);
    expect(following.codes).toEqual(['STORE_BUSY']);
  });

  it('needs the token of a server that has one', async () => {
    await using harness = await serveRun({ config: { token: 'open-sesame' } });
    const { url } = harness.server;
    const allowed = new Following(transport, url, { token: 'open-sesame' });
    await eventually(() => expect(allowed.sent).toHaveLength(1));
    allowed.leave();
    for (const following of [new Following(transport, url), new Following(transport, url, { token: 'open' })]) {
      await eventually(() => expect(following.end).toBeDefined());
      expect(following).toMatchObject({ sent: [], end: expect.not.stringMatching('complete') });
    }
    expect(JSON.stringify(harness.log)).not.toContain('sesame');
  });
});

it.each([
  ['application/json', 200],
  ['application/graphql-response+json', 400],
])('A subscription that is refused is no failure of the server to a client that takes %s', async (accept, status) => {
  await using harness = await serveRun();
  const query = 'subscription { dagRunChanges(runId: "missing") { cursor } }';
  const response = await fetch(harness.server.url, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

/** The last that was told of each node. */
function newest(nodes: readonly string[]): Map<string, string> {
  return new Map(nodes.map((node) => [node.split(' ')[0] ?? '', node]));
}
