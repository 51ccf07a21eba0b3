/** Nothing of a measurement is to be left behind, also when it is broken off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const works: (() => void)[] = [];
process.once('exit', () => {
  for (const work of works.toReversed()) work();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Has something done when this process ends: what was asked for last comes first. */
export function atExit(work: () => void): void {
  works.push(work);
}

/** A folder of its own, until this process ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dagloupe-bench-'));
  atExit(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
