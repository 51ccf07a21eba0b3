/**
 * The back ends that the contract suite runs over. A store that can be written is filled through `record`; an attached
 * file is filled as lythonic would, by another connection to it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../src/model.ts';
import { openLythonicStore } from '../../src/store/lythonic/store.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LythonicWriter } from '../support/lythonicWriter.ts';
import { borrowDatabase, giveBack } from '../support/postgres.ts';

export interface Subject {
  readonly store: Store;
  /** Closes the store and opens its file again, as a server does that is started again. */
  reopen(): Promise<void>;
  /** Brings events into the store's file; they must be acceptable. */
  fill(events: readonly RunEvent[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface BackEnd {
  readonly name: string;
  /** How many random histories are worth their time. */
  readonly histories: number;
  open(): Promise<Subject>;
}

const owned: BackEnd = {
  name: 'owned SQLite file',
  histories: 200,
  async open() {
    const folder = await temporaryFolder();
    const path = join(folder, 'runs.db');
    let store = await openSqliteStore(path);
    return {
      get store() {
        return store;
      },
      async reopen() {
        await store.close();
        store = await openSqliteStore(path);
      },
      async fill(events) {
        const recorded = await store.record(events);
        if (!recorded.ok) throw new Error(recorded.refusals.map(({ message }) => message).join('\n'));
      },
      async dispose() {
        await store.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};

const attached: BackEnd = {
  name: 'attached lythonic file',
  histories: 200,
  async open() {
    const folder = await temporaryFolder();
    const path = join(folder, 'dags.db');
    const writer = new LythonicWriter(path);
    let store = await openLythonicStore(path);
    return {
      get store() {
        return store;
      },
      async reopen() {
        await store.close();
        store = await openLythonicStore(path);
      },
      async fill(events) {
        writer.writeAll(events);
      },
      async dispose() {
        await store.close();
        writer.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};

const postgres: BackEnd = {
  name: 'owned PostgreSQL database',
  histories: 40,
  async open() {
    const database = await borrowDatabase();
    let { store } = await openPostgresStore(database.url);
    return {
      get store() {
        return store;
      },
      async reopen() {
        await store.close();
        ({ store } = await openPostgresStore(database.url));
      },
      async fill(events) {
        const recorded = await store.record(events);
        if (!recorded.ok) throw new Error(recorded.refusals.map(({ message }) => message).join('\n'));
      },
      async dispose() {
        await store.close();
        await giveBack(database);
      },
    };
  },
};

/** Those that can be written. */
export const OWNED: readonly BackEnd[] = [owned, postgres];

export const BACK_ENDS: readonly BackEnd[] = [...OWNED, attached];
