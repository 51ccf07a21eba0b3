/**
 * `npm run bench -- [name] [words]`: runs the trials of one group, or of all, prints what they found and writes
 * bench/results/NAME.json. With words, only the trials that have them in their name.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { versions } from 'node:process';
import type { Group } from './section.ts';
import { fairness } from './trials/fairness.ts';
import { growth } from './trials/growth.ts';
import { ingest } from './trials/ingest.ts';
import { live } from './trials/live.ts';
import { reads } from './trials/reads.ts';
import { scale } from './trials/scale.ts';
import { woodglue } from './trials/woodglue.ts';

const GROUPS: Readonly<Record<string, Group>> = { reads, growth, ingest, fairness, woodglue, live, scale };

const [wanted, words = ''] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in GROUPS)) {
  process.stderr.write(
    `bench: there is no group ${wanted}; give one of ${Object.keys(GROUPS).join(', ')}, or none for all\n`,
  );
  process.exit(2);
}

for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted !== undefined && wanted !== name) continue;
  const figures: object[] = [];
  for await (const section of group(words)) {
    figures.push(...section.figures);
    process.stdout.write(`\n${section.title}\n${section.lines.map((line) => `  ${line}\n`).join('')}`);
  }
  const results = new URL('results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const machine = { node: versions.node, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(new URL(`${name}.json`, results), `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}
