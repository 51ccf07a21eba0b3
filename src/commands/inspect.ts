import { type Command, InvalidArgumentError, Option } from 'commander';
import type { InspectFlags } from './inspect/run.ts';

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('Show the newest runs of a file, or one run with everything inside it. Nothing is altered.')
    .argument(
      '<FILE>',
      "A store of dagloupe's own, or the dags.db of lythonic; or the postgres:// URL of a database. It may be in use.",
    )
    .argument('[RUN]', 'The id of a run, or the beginning of it if it is a root among the newest 1,000.')
    .option('--limit <number>', 'How many runs to list.', wholeNumber, 20)
    .option(
      '--full',
      'Show whole tracebacks with the input of the nodes that failed; in JSON, the inputs and outputs of all nodes.',
    )
    .addOption(
      new Option('--json', 'Print JSON, with all sub-DAGs; so it is also where the output is no terminal.').conflicts(
        'text',
      ),
    )
    .option('--text', 'Print text, also where the output is no terminal.')
    .addHelpText('after', '\nText is coloured on a terminal only, and never where the variable NO_COLOR is set.')
    .action(async (file: string, run: string | undefined, flags: InspectFlags) => {
      const { inspect } = await import('./inspect/run.ts');
      await inspect(file, run, flags);
    });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 to 999999.');
}
