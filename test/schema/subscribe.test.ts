import { type ExecutionResult, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createContext } from '../../src/schema/context.ts';
import { schema } from '../../src/schema/index.ts';
import { subscribe } from '../../src/schema/subscribe.ts';
import { Feed } from '../../src/store/feed.ts';
import { created, started } from '../support/events.ts';
import { type Api, openApi } from './harness.ts';

let api: Api;
let feed: Feed;
beforeEach(async () => {
  api = await openApi([created('run'), created('inside', { parentRunId: 'run', dagNsref: 'dag/a[0]' })]);
  feed = new Feed(api.store);
});
afterEach(async () => {
  feed.close();
  await api[Symbol.asyncDispose]();
});

const FOLLOW = parse(`
  subscription Follow($runId: ID = "run", $after: String, $withRun: Boolean = true) {
    dagRunChanges(runId: $runId, after: $after) {
      changedNodes { nodeLabel run @include(if: $withRun) { runId } }
    }
  }`);

/** A subscription with a context of its own, after its first event. */
async function followed(
  variableValues: Record<string, unknown> = {},
  { document = FOLLOW, signal }: { document?: typeof FOLLOW; signal?: AbortSignal } = {},
): Promise<AsyncIterator<ExecutionResult>> {
  const contextValue = createContext({ store: api.store, feed, version: '1.2.3', signal });
  const events = await subscribe({ schema, document, variableValues, contextValue });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  return iterator;
}

/** What all of them are told when a node starts. */
async function answersTo(followers: readonly AsyncIterator<ExecutionResult>[], runId = 'run'): Promise<unknown[]> {
  const answers = Promise.all(followers.map(async (follower) => (await follower.next()).value));
  expect(await api.store.record([started(runId, 'a node')])).toMatchObject({ ok: true });
  return answers;
}

const told = (...changedNodes: object[]) => ({ data: { dagRunChanges: { changedNodes } } });
const NODE = { nodeLabel: 'a node', run: { runId: 'run' } };

function countReadsOfRuns(): { reads: number } {
  const count = { reads: 0 };
  const runsByIds = api.store.runsByIds.bind(api.store);
  api.store.runsByIds = (runIds) => {
    count.reads += 1;
    return runsByIds(runIds);
  };
  return count;
}

describe('An event of which many are told', () => {
  test('is answered once for all who ask the same', async () => {
    const cursor = await api.ask<{ dagRun: { cursor: string } }>('{ dagRun(runId: "run") { cursor } }');
    const after = cursor.data.dagRun.cursor;
    await api.store.record([started('run', 'before')]);
    const followers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => followed(index % 2 === 0 ? {} : { after })),
    );
    const count = countReadsOfRuns();
    const answers = await answersTo(followers);
    expect(answers[0]).toEqual(told(NODE));
    for (const answer of answers) expect(answer).toBe(answers[0]);
    expect(count.reads).toBe(0);
  });

  test('is answered to each who asks something else', async () => {
    const other = parse('subscription { dagRunChanges(runId: "run") { changedNodes { nodeLabel status } } }');
    const answers = await answersTo([
      await followed(),
      await followed({ withRun: false }),
      await followed({}, { document: other }),
    ]);
    expect(answers).toEqual([
      told(NODE),
      told({ nodeLabel: 'a node' }),
      told({ nodeLabel: 'a node', status: 'RUNNING' }),
    ]);
  });

  test('is answered also when the one who asked first is gone', async () => {
    const first = new AbortController();
    const followers = [await followed({}, { signal: first.signal }), await followed()];
    first.abort();
    const [, answer] = await answersTo(followers);
    expect(answer).toEqual(told(NODE));
  });

  test('is told to those alone whose run it is about', async () => {
    const followers = [await followed({ runId: 'inside' }), await followed({ runId: 'inside' }), await followed()];
    const answers = await answersTo(followers, 'inside');
    const inside = told({ nodeLabel: 'a node', run: { runId: 'inside' } });
    expect(answers).toEqual([inside, inside, inside]);
    expect(answers[0]).toBe(answers[1]);

    const waiting = followers[0]?.next();
    await api.store.record([started('run', 'outside')]);
    await api.store.record([started('inside', 'last')]);
    expect((await waiting)?.value).toEqual(told({ nodeLabel: 'last', run: { runId: 'inside' } }));
  });
});

test('Followers of active runs share what is told to the same filter', async () => {
  const document = parse(`
    subscription Active($filter: DagRunFilter) { activeRunChanges(filter: $filter) { changedRuns { runId } } }`);
  const follow = (startsWith: string) => followed({ filter: { dagNsref: { startsWith } } }, { document });
  const followers = [await follow('pipelines'), await follow('pipelines'), await follow('other')];
  const answers = Promise.all(followers.map(async (follower) => (await follower.next()).value));
  await api.store.record([created('new'), created('other', { dagNsref: 'other' })]);
  const [first, second, third] = await answers;
  expect(first).toEqual({ data: { activeRunChanges: { changedRuns: [{ runId: 'new' }] } } });
  expect(second).toBe(first);
  expect(third).toEqual({ data: { activeRunChanges: { changedRuns: [{ runId: 'other' }] } } });
});

test('A subscription that cannot begin is answered by its errors', async () => {
  const contextValue = createContext({ store: api.store, feed, version: '1.2.3' });
  const unknownRun = { schema, document: FOLLOW, variableValues: { runId: 'nobody' }, contextValue };
  expect(await subscribe(unknownRun)).toMatchObject({ errors: [{ path: ['dagRunChanges'] }] });
  const badVariable = { schema, document: FOLLOW, variableValues: { withRun: 'yes' }, contextValue };
  expect(await subscribe(badVariable)).toMatchObject({ errors: [{ message: expect.stringContaining('$withRun') }] });
});
