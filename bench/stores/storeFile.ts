/** Files with many runs, made once and kept in bench/results/cache. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MIGRATIONS } from '../../src/store/sqlite/migrations/index.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { LythonicWriter } from '../../test/support/lythonicWriter.ts';
import { atExit } from '../atExit.ts';
import { copyDays } from './copyDays.ts';
import { type Batch, beside, firstDay, RUNS_A_DAY } from './day.ts';

/** Who makes a file and writes it. */
export interface FileKind {
  readonly name: 'owned' | 'attached';
  /** Adds batches to a file; makes it if it is not there. */
  record(path: string, batches: Iterable<Batch>): Promise<void>;
}

export const OWNED: FileKind = {
  name: 'owned',
  async record(path, batches) {
    const store = await openSqliteStore(path);
    for (const batch of batches) {
      const recorded = await store.record(batch);
      if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
    }
    await store.close();
  },
};

export const ATTACHED: FileKind = {
  name: 'attached',
  async record(path, batches) {
    const writer = new LythonicWriter(path);
    for (const batch of batches) writer.writeAll(batch);
    writer.close();
  },
};

/** The path of a file with at least so many runs, a multiple of a thousand. It is for reading only: others read it too. */
export async function storeFile(kind: FileKind, runs: number): Promise<string> {
  const name = `${kind.name}-${runs}-${fingerprint()}.db`;
  const path = `${CACHE}${name}`;
  const now = new Date();
  if (existsSync(path)) {
    utimesSync(path, now, now);
    return path;
  }
  mkdirSync(CACHE, { recursive: true });
  removeUnused(now);
  const started = performance.now();
  // Under another name until it is whole: others may want it at the same time.
  const draft = `${path}.${process.pid}`;
  atExit(() => rmSync(draft, { force: true }));
  const days = runs / RUNS_A_DAY;
  await kind.record(draft, firstDay());
  copyDays(draft, days);
  await kind.record(draft, beside(days));
  renameSync(draft, path);
  const megabytes = (statSync(path).size / 2 ** 20).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(`bench: made ${name}, ${runs} runs, ${megabytes} MiB, in ${seconds} s\n`);
  return path;
}

/** Files that nobody has asked for in a day. */
function removeUnused(now: Date): void {
  for (const name of readdirSync(CACHE)) {
    const stat = statSync(`${CACHE}${name}`);
    if (stat.isFile() && now.getTime() - stat.mtimeMs > DAY_MS) rmSync(`${CACHE}${name}`);
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

const CACHE = fileURLToPath(new URL('../results/cache/', import.meta.url));

/** Part of the name of what is kept: another one when what it holds changes. */
export function fingerprint(): string {
  const hash = createHash('sha256');
  for (const sql of MIGRATIONS) hash.update(sql);
  for (const source of ['./day.ts', './copyDays.ts', '../sample.ts']) {
    hash.update(readFileSync(new URL(source, import.meta.url)));
  }
  return hash.digest('hex').slice(0, 12);
}
