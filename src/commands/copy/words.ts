/** How far a copy is, and what came of it, as a person reads it. */
import { styleText } from 'node:util';
import type { Problem, Tally } from '../../store/copy/tally.ts';
import { number } from '../inspect/branches.ts';
import { dim, printable } from '../inspect/columns.ts';
import { durationWord } from '../inspect/words.ts';

/** How many cells the bar has. */
const LENGTH = 20;

/** `██████░░░░  1,200/3,000 trees, 40,000 rows, 12.3 MB, 8.1 s left` */
export function progressLine(tally: Tally, elapsedMs: number): string {
  const done = tally.copied + tally.unchanged + tally.failed;
  // What starts while it is copied was not counted before.
  const inAll = Math.max(tally.treesInAll, done, 1);
  const cells = Math.floor((LENGTH * done) / inAll);
  const bar = styleText('green', '█'.repeat(cells)) + dim('░'.repeat(LENGTH - cells));
  const rows = number(tally.runs + tally.nodes + tally.edges);
  const words = [`${number(done)}/${number(inAll)} trees`, `${rows} rows`, bytesWord(tally.payloadBytes)];
  if (done > 0 && done < inAll) words.push(`${durationWord((elapsedMs * (inAll - done)) / done)} left`);
  return `${bar}  ${words.join(', ')}`;
}

export function problemLine({ code, rootRunId, message }: Problem): string {
  return `${code}: ${rootRunId === null ? '' : `tree ${printable(rootRunId)}: `}${printable(message)}`;
}

export function summary(tally: Tally, elapsedMs: number): string {
  const { copied, unchanged, failed, runs, nodes, edges, attempts, payloads, payloadBytes, problems, isStopped } =
    tally;
  const written = [
    counted(runs, 'run'),
    counted(nodes, 'node'),
    counted(edges, 'edge'),
    ...(attempts > 0 ? [counted(attempts, 'earlier attempt')] : []),
    `${counted(payloads, 'input or output', 'inputs and outputs')} of ${bytesWord(payloadBytes)}`,
  ];
  const trees = [`${counted(copied, 'tree')} copied`, `${number(unchanged)} unchanged`];
  if (failed > 0) trees.push(`${number(failed)} not copied`);
  const lines = [
    `${trees.join(', ')} in ${durationWord(elapsedMs)}`,
    ...(runs + nodes + edges + payloads > 0 ? [`written: ${written.join(', ')}`] : []),
    ...(copied > 0 ? ['read back: rows and the SHA-256 of all inputs and outputs are the same'] : []),
    ...(problems > 0 ? [`${counted(problems, 'problem')}: not all of it could be copied`] : []),
    ...(isStopped ? ['stopped before the end; copy again to go on'] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A size, in the unit that fits: `12.3 MB`. */
export function bytesWord(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let size = bytes;
  for (; size >= 999.95 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? number(size) : size.toFixed(1)} ${units[unit]}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
