import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const KILLS = 20;
const RECORDER = new URL('./recorder.ts', import.meta.url).pathname;

/** A recorder, and what it said. */
class Recorder {
  readonly said: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #heard = Promise.withResolvers<void>();

  constructor(path: string, name: string, larger: number) {
    this.#process = spawn(process.execPath, [RECORDER, path, name, String(larger)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // There are many of them: what one has compiled, the next one need not.
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    });
    this.#ended = once(this.#process, 'close');
    if (!this.#process.stdout) throw new Error('the recorder has no output');
    createInterface(this.#process.stdout).on('line', (line) => {
      this.said.push(line);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
  }

  /** Resolves once it has said this word so many times. */
  async says(word: string, times: number): Promise<void> {
    while (this.said.filter((line) => line.startsWith(word)).length < times) {
      const ended = this.#ended.then(() => Promise.reject(new Error(`the recorder ended before it said ${word}`)));
      await Promise.race([this.#heard.promise, ended]);
    }
  }

  /** Kills it, and gives what it ended with once it has. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.#process.kill(signal);
    await this.#ended;
    return this.#process.exitCode ?? this.#process.signalCode;
  }

  get acknowledged(): string[] {
    return this.said.filter((line) => line.startsWith('recorded ')).map((line) => line.slice('recorded '.length));
  }
}

/** Opens the file that a killed process left, and looks whether it is whole. Gives the runs in it. */
async function inspect(path: string): Promise<Set<string>> {
  const store = await openSqliteStore(path);
  const runs = await store.runPage({}, { limit: 1_000_000 });
  const halves = await halvesOf(store, runs);
  await store.close();
  expect(halves).toEqual([]);
  const db = new Connection(path);
  expect(db.pragma('integrity_check')).toBe('ok');
  expect(db.pragma('foreign_key_check')).toBeUndefined();
  db.close();
  return new Set(runs.map(({ runId }) => runId));
}

/** The runs of which something is missing: each was one batch. */
async function halvesOf(
  store: Store,
  runs: readonly { runId: string; dagNsref: string; status: string }[],
): Promise<string[]> {
  const ids = runs.map(({ runId }) => runId);
  const counts = await store.nodeCounts(ids);
  const done = new Map(counts.map(({ runId, status, count }) => [`${runId} ${status}`, count]));
  const edges = Map.groupBy(await store.edgesByRuns(ids, 10_000_000), ({ runId }) => runId);
  return runs
    .filter(({ runId, dagNsref, status }) => {
      const nodes = Number(dagNsref);
      return status !== 'completed' || done.get(`${runId} completed`) !== nodes || edges.get(runId)?.length !== nodes;
    })
    .map(({ runId }) => runId);
}

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe.concurrent('A recording process that is killed again and again leaves whole what it said to be recorded', () => {
  test.for([
    { signal: 'SIGKILL', moment: 'at any moment' },
    { signal: 'SIGTERM', moment: 'at any moment' },
    { signal: 'SIGKILL', moment: 'in the middle of a huge batch' },
  ] as const)('by $signal, $moment', { timeout: 90_000 }, async ({ signal, moment }, { expect }) => {
    const path = join(folder, `${signal} ${moment}.db`);
    const acknowledged = new Set<string>();
    const isHuge = moment !== 'at any moment';
    for (let kill = 0; kill < (isHuge ? 5 : KILLS); kill++) {
      const recorder = new Recorder(path, `life ${kill}`, isHuge ? 2_000 : 50);
      // Every other one lives to see its first batch acknowledged; a huge one comes again after some small ones.
      await recorder.says('open', 1);
      await (isHuge ? recorder.says('larger', 2) : recorder.says('recorded', kill % 2));
      await wait(Math.random() * (isHuge ? 60 : 100));
      const end = await recorder.kill(signal);
      expect(end).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL');
      if (signal === 'SIGTERM') {
        expect(recorder.said).toContain('closed');
        expect(existsSync(`${path}-wal`)).toBe(false);
      }
      for (const runId of recorder.acknowledged) acknowledged.add(runId);
      const found = await inspect(path);
      expect([...acknowledged].filter((runId) => !found.has(runId))).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(isHuge ? 1 : KILLS / 2);
  });
});
