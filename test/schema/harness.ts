import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultHarness, graphql } from 'graphql';
import type { RunEvent } from '../../src/model.ts';
import { createContext } from '../../src/schema/context.ts';
import { execute } from '../../src/schema/execute.ts';
import { toGraphQLError } from '../../src/schema/graphqlError.ts';
import { schema } from '../../src/schema/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/schema/limits.ts';
import { openLythonicStore } from '../../src/store/lythonic/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LythonicWriter } from '../support/lythonicWriter.ts';

/** A moment that tests count their seconds from: 2023-11-14T22:13:20Z. */
export const T = 1_700_000_000;

/** The schema over a real file, as a client sees it. */
export interface Api extends AsyncDisposable {
  readonly store: Store;
  /** Runs one operation. Its data is taken for what the caller says it is. */
  ask<Data = unknown>(query: string, options?: AskOptions): Promise<Answer<Data>>;
}

export interface AskOptions {
  readonly variables?: Record<string, unknown>;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

export interface Answer<Data> {
  readonly data: Data;
  /** Of all errors, in order. */
  readonly codes: unknown[];
  readonly messages: string[];
  /** Names of the store's methods that were called for it, in order. */
  readonly calls: string[];
}

/** Over a file of dagloupe's own that these events were recorded in. */
export async function openApi(events: readonly RunEvent[] = []): Promise<Api> {
  const folder = await temporaryFolder();
  const store = await openSqliteStore(join(folder, 'runs.db'));
  const recorded = await store.record(events);
  if (!recorded.ok) throw new Error(recorded.refusals.map(({ message }) => message).join('\n'));
  return apiOver(store, () => rm(folder, { recursive: true }));
}

/** Over an attached file, written as lythonic would and then changed by some SQL. */
export async function openAttachedApi(events: readonly RunEvent[], sql = ''): Promise<Api> {
  const folder = await temporaryFolder();
  const writer = new LythonicWriter(join(folder, 'dags.db'));
  writer.writeAll(events);
  writer.db.exec(sql);
  writer.close();
  return apiOver(await openLythonicStore(join(folder, 'dags.db')), () => rm(folder, { recursive: true }));
}

function apiOver(store: Store, cleanUp: () => Promise<void>): Api {
  return {
    store,
    ask: (query, options = {}) => answer(store, query, options),
    async [Symbol.asyncDispose]() {
      await store.close();
      await cleanUp();
    },
  };
}

async function answer<Data>(store: Store, query: string, options: AskOptions): Promise<Answer<Data>> {
  const { variables, limits, signal } = options;
  const calls: string[] = [];
  const contextValue = createContext({
    store: counted(store, calls),
    version: '1.2.3',
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal,
  });
  const result = await graphql({
    schema,
    source: query,
    contextValue,
    variableValues: variables ?? null,
    harness: { ...defaultHarness, execute },
  });
  const errors = (result.errors ?? []).map((error) => toGraphQLError(error) ?? error);
  return {
    // As it comes out of a response.
    data: JSON.parse(JSON.stringify(result.data ?? null)) as Data,
    codes: errors.map((error) => error.extensions.code),
    messages: errors.map((error) => error.message),
    calls,
  };
}

/** The same store, which notes the name of every method that is called. */
function counted(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls.push(String(name));
        return Reflect.apply(member, target, args);
      };
    },
  });
}
