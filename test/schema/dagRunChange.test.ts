import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExecutionResult, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createContext } from '../../src/schema/context.ts';
import { schema } from '../../src/schema/index.ts';
import { subscribe } from '../../src/schema/subscribe.ts';
import { type ChangeSource, Feed } from '../../src/store/feed.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { created, started } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';

let folder: string;
let store: Store;
let feed: Feed;
/** How many feeds listen to the store. */
let listeners = 0;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'));
  await store.record([created('r'), created('child', { parentRunId: 'r', dagNsref: 'pipelines:daily/a[0]' })]);
  const source: ChangeSource = {
    treeChanges: (root, after, limit) => store.treeChanges(root, after, limit),
    runChanges: (after, limit) => store.runChanges(after, limit),
    onWake(listener) {
      listeners += 1;
      const stop = store.onWake(listener);
      return () => {
        listeners -= 1;
        stop();
      };
    },
  };
  feed = new Feed(source, { rowsPerStep: 10 });
});
afterEach(async () => {
  feed.close();
  await store.close();
  await rm(folder, { recursive: true });
});

type Events = AsyncGenerator<ExecutionResult>;

async function open(query: string): Promise<Events | ExecutionResult> {
  const contextValue = createContext({ store, feed, version: '1.2.3' });
  return (await subscribe({ schema, document: parse(query), contextValue })) as Events | ExecutionResult;
}

async function follow(query: string): Promise<Events> {
  const events = await open(query);
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events.errors));
  return events;
}

interface Change {
  readonly reset: boolean;
  readonly more: boolean;
  readonly cursor: string;
  readonly changedNodes: readonly unknown[];
}

async function next(events: Events): Promise<Change> {
  const { value } = await events.next();
  return (value as ExecutionResult).data?.dagRunChanges as Change;
}

const FIELDS = '{ reset more cursor changedNodes { nodeLabel } }';

describe('Following several runs', () => {
  test('follows none of them if one cannot be followed', async () => {
    for (const bad of ['{runId: "missing"}', '{runId: "r", after: "odd"}']) {
      const answer = await open(`subscription { dagRunsChanges(runs: [{runId: "r"}, ${bad}]) { cursor } }`);
      expect(answer).toMatchObject({ errors: [{ message: expect.stringMatching(/missing|odd/) }] });
      expect(listeners).toBe(0);
    }
  });
});

describe('Following a part of a tree of which other parts are large', () => {
  beforeEach(async () => {
    for (let i = 0; i < 25; i++) await store.record([started('r', `node ${i}`)]);
  });

  test('it is said when all parts have come, though the last ones have nothing of it', async () => {
    const events = await follow(`subscription { dagRunChanges(runId: "child") ${FIELDS} }`);
    expect(await next(events)).toMatchObject({ reset: true, more: true });
    expect(await next(events)).toMatchObject({ reset: false, more: false, changedNodes: [] });
    await store.record([started('r', 'elsewhere')]);
    await store.record([started('child', 'inside')]);
    expect(await next(events)).toMatchObject({ more: false, changedNodes: [{ nodeLabel: 'inside' }] });
    await events.return(undefined);
  });

  test('also to whoever goes on from the middle', async () => {
    const first = await follow(`subscription { dagRunChanges(runId: "child") ${FIELDS} }`);
    const { cursor } = await next(first);
    await first.return(undefined);
    const events = await follow(`subscription { dagRunChanges(runId: "child", after: "${cursor}") ${FIELDS} }`);
    expect(await next(events)).toMatchObject({ reset: false, more: false, changedNodes: [] });
    await events.return(undefined);
  });
});
