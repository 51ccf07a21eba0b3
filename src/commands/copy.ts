import { type Command, InvalidArgumentError } from 'commander';
import { parseTime } from '../time.ts';
import type { CopyFlags } from './copy/run.ts';

export function addCopy(program: Command): void {
  program
    .command('copy')
    .description(
      'Copy runs, with everything inside them, into another store; a file of lythonic is imported so. SOURCE is not altered.',
    )
    .argument(
      '<SOURCE>',
      "A file of lythonic or of dagloupe's own, or the postgres:// URL of a database. It may be in use.",
    )
    .argument(
      '<TARGET>',
      "A file of dagloupe's own, or one that is not there yet; or the URL of a database. It may be in use.",
    )
    .option('--runs <ids...>', 'Only the trees of these runs, wherever in them they are.')
    .option(
      '--since <time>',
      'Only trees whose outermost run started then or later, such as 2026-09-20T09:30:00Z.',
      time,
    )
    .option('--verify', 'Compare also the inputs and outputs that are there already, not only their sizes.')
    .addHelpText('after', `\n${HELP}`)
    .action(async (source: string, target: string, flags: CopyFlags) => {
      const { copy } = await import('./copy/run.ts');
      process.exitCode = await copy(source, target, flags);
    });
}

function time(text: string): number {
  const seconds = parseTime(text);
  if (seconds !== null) return seconds;
  throw new InvalidArgumentError('Give a time with its offset, such as 2026-09-20T09:30:00Z.');
}

const HELP = `What was copied is read back and compared: rows by their fields, inputs and outputs by their SHA-256. Copying again brings runs up to
date that went on meanwhile, and passes over the others; so a copy that was stopped, even by kill -9, goes on where it was. Nothing
is deleted, and no tree is altered in which TARGET has recorded events of its own: that is a conflict, and is told.

Exit codes: 0 all of it is there, 1 something could not be copied or there was a fault, 2 wrong usage, 130 stopped before the end.`;
