/** `npm run bench -- [name]`: runs the trials of one group, or of all, prints a table and writes bench/results/NAME.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { versions } from 'node:process';
import { type Figure, measure, type Trial } from './measure.ts';
import { ingest } from './trials/ingest.ts';
import { reads } from './trials/reads.ts';

const GROUPS: Readonly<Record<string, () => AsyncIterable<Trial>>> = { reads, ingest };

const [wanted] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in GROUPS)) {
  process.stderr.write(
    `bench: there is no group ${wanted}; give one of ${Object.keys(GROUPS).join(', ')}, or none for all\n`,
  );
  process.exit(2);
}

for (const [name, trials] of Object.entries(GROUPS)) {
  if (wanted !== undefined && wanted !== name) continue;
  const figures: Figure[] = [];
  for await (const trial of trials()) {
    const measured = await measure(trial);
    await trial.dispose?.();
    figures.push(...measured);
    process.stdout.write(`\n${trial.name}\n${measured.map(line).join('\n')}\n`);
  }
  const results = new URL('results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const machine = { node: versions.node, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(new URL(`${name}.json`, results), `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}

function line({ subject, median, quartiles, ratio }: Figure): string {
  const [low, high] = quartiles.map((time) => time.toFixed(3));
  return `  ${subject.padEnd(34)} ${median.toFixed(3).padStart(10)} ms  (${low} to ${high})  ${ratio.toFixed(2).padStart(6)}`;
}
