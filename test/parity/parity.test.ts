/**
 * dagloupe's answers about every fixture, asked through GraphQL, against what lythonic itself answered. Where the two differ
 * on purpose is in this list, and nowhere else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyTrees } from '../../src/store/copy/copy.ts';
import { openLythonicStore } from '../../src/store/lythonic/store.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { copyFixture, FIXTURES } from '../support/lythonicFixtures.ts';
import { borrowDatabase, giveBack } from '../support/postgres.ts';
import * as adjust from './adjust.ts';
import { answersAboutFile, answersAboutRun, listedRuns } from './answers.ts';
import { type RunAnswers, readTold, type Told } from './told.ts';

const DIFFERENCES: readonly {
  readonly what: string;
  readonly why: string;
  /** Which expectations it concerns: it changes some of these, and no others. */
  readonly where: RegExp;
  readonly adjust: (told: Told) => Told;
}[] = [
  {
    what: 'files of several generations are read',
    why: 'lythonic fails where a table lacks a column that its version wants; here a column that is missing is null',
    where: /^gen[012]-opened-by-gen.\.expected\.json/,
    adjust: adjust.withoutErrors,
  },
  {
    what: 'a run that is gone is null, with all that is left of it',
    why: 'nodes and edges are asked of their run; its sub-runs are still found by their parentRunId',
    where: /orphans/,
    adjust: adjust.withoutMissingRuns,
  },
  {
    what: 'node_type is isSource and isSink',
    why: 'the later generations say it so; composite and internal nodes are neither',
    where: /^gen[12]-/,
    adjust: adjust.withFlags,
  },
  {
    what: 'a sub-DAG belongs to the node with the longest label that its key begins with',
    why: 'lythonic cuts the key at the first bracket, and loses or misplaces the sub-DAGs of a node like group[x]',
    where: /^gen[34]-composite-labels/,
    adjust: adjust.withLongestOwners,
  },
  {
    what: 'nodes come in order of start, then label',
    why: 'that is how a person follows a run; lythonic gives them in order of label',
    where: /./,
    adjust: adjust.withNodesInOrderOfStart,
  },
  {
    what: 'sub-DAGs come in order of key, [2] before [10]',
    why: 'that is how a person looks for one; lythonic gives them as they happened to start',
    where: /^gen[234]-/,
    adjust: adjust.withSubDagsInOrderOfKey,
  },
];

const EXPECTATIONS = readdirSync(FIXTURES).filter((name) => /\.expected.*\.json$/.test(name));

/** A store with what a file has, until it is closed. */
interface Reading {
  readonly store: Store;
  close(): Promise<void>;
}

/** How a file comes to be read, and what the answers have otherwise then. */
const READINGS: readonly {
  readonly how: string;
  readonly open: (path: string, folder: string) => Promise<Reading>;
  readonly adjust: (told: Told) => Told;
}[] = [
  { how: 'attached', open: async (path) => reading(await openLythonicStore(path)), adjust: (told) => told },
  {
    how: 'copied into an owned file',
    open: async (path, folder) => reading(await copyOf(path, await openSqliteStore(join(folder, 'runs.db')))),
    // Up to gen2 a file can hold an edge twice.
    adjust: adjust.withEdgesOnce,
  },
  {
    how: 'copied into PostgreSQL',
    open: async (path) => {
      const database = await borrowDatabase();
      const { store } = await openPostgresStore(database.url);
      return reading(await copyOf(path, store), () => giveBack(database));
    },
    adjust: adjust.withEdgesOnce,
  },
];

function reading(store: Store, cleanUp = async (): Promise<void> => {}): Reading {
  const close = async (): Promise<void> => {
    await store.close();
    await cleanUp();
  };
  return { store, close };
}

/** Copies a file into a store. */
async function copyOf(path: string, target: Store): Promise<Store> {
  const source = await openLythonicStore(path);
  await copyTrees(source, target);
  await source.close();
  return target;
}

describe.each(READINGS)('$how:', ({ open, adjust: adjustToReading }) => {
  describe.each(EXPECTATIONS)('%s', (name) => {
    const told = readTold(name);
    const expected = adjustToReading(
      DIFFERENCES.reduce((answers, difference) => difference.adjust(answers), adjust.completed(told)),
    );
    const journal = `${told.file}-journal`;
    let folder: string;
    let other: string;
    let store: Store;
    let close: Reading['close'];
    const answers = new Map<string, RunAnswers>();

    beforeAll(async () => {
      folder = await temporaryFolder();
      other = await temporaryFolder();
      ({ store, close } = await open(await copyFixture(told.file, folder), other));
      for (const runId of told.runs.keys()) answers.set(runId, await answersAboutRun(store, told, runId));
    });
    afterAll(async () => {
      await close();
      await rm(folder, { recursive: true });
      await rm(other, { recursive: true });
    });

    const questions = new Set([...expected.runs.values()].flatMap((ofRun) => Object.keys(ofRun)));
    test.each([...questions])('%s', (question) => {
      for (const [runId, ofRun] of expected.runs) {
        if (question in ofRun)
          expect(like(answers.get(runId)?.[question], ofRun[question]), runId).toEqual(ofRun[question]);
      }
    });

    test('get_recent_runs, get_active_runs', async () => {
      const { get_recent_runs, get_active_runs } = expected.lists;
      expect(await answersAboutFile(store, expected.lists)).toEqual({ get_recent_runs, get_active_runs });
    });

    test('lists roots only, unless more is asked for', async () => {
      const roots = (told.rows.dag_runs ?? []).filter((run) => (run.parent_run_id ?? null) === null);
      const newestFirst = roots.toSorted((a, b) => (String(a.started_at) > String(b.started_at) ? -1 : 1));
      expect(await listedRuns(store)).toEqual(newestFirst.map((run) => run.run_id));
    });

    test('leaves the file as it was', async () => {
      await store.close();
      const isRolledBack = name.includes('hot-journal');
      const after = readdirSync(folder);
      expect(after).toEqual(
        !isRolledBack && readdirSync(FIXTURES).includes(journal) ? [told.file, journal] : [told.file],
      );
      for (const file of after) {
        const unchanged = readFileSync(join(folder, file)).equals(readFileSync(join(FIXTURES, file)));
        expect(unchanged, file).toBe(!isRolledBack);
      }
    });
  });
});

describe('dagloupe differs from lythonic:', () => {
  const concerned = DIFFERENCES.map((): string[] => []);
  beforeAll(() => {
    for (const name of EXPECTATIONS) {
      let told = adjust.completed(readTold(name));
      for (const [i, difference] of DIFFERENCES.entries()) {
        const adjusted = difference.adjust(told);
        if (!isDeepStrictEqual(adjusted, told)) concerned[i]?.push(name);
        told = adjusted;
      }
    }
  });

  test.each(DIFFERENCES.map((difference, i) => ({ ...difference, i })))('$what', ({ where, i }) => {
    expect(concerned[i]).not.toEqual([]);
    expect(concerned[i]?.filter((name) => !where.test(name))).toEqual([]);
  });
});

/** What is asked here but not there does not count: an older lythonic has fewer columns. */
function like(answer: unknown, expected: unknown): unknown {
  if (Array.isArray(answer) && Array.isArray(expected)) return answer.map((item, i) => like(item, expected[i]));
  if (!isObject(answer) || !isObject(expected)) return answer;
  return Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]) => (name in expected ? [[name, like(value, expected[name])]] : [])),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
