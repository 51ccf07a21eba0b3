import { Command } from 'commander';
import { version } from '../version.ts';
import { addCopy } from './copy.ts';
import { addDemo } from './demo.ts';
import { reportFailure } from './failure.ts';
import { addInspect } from './inspect.ts';
import { addSchema } from './schema.ts';
import { addServe } from './serve.ts';
import { describeVariables } from './settings.ts';
import { addStart } from './start.ts';
import { addWatch } from './watch.ts';

/** Runs what the arguments ask for and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', ignoreBrokenPipe);
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return reportFailure(error, program.opts<{ verbose?: true }>().verbose ?? false);
  }
}

function createProgram(): Command {
  const program = new Command('dagloupe')
    .description('Records and inspects runs of data-flow graphs: a GraphQL API over an embedded file.')
    .version(version, '-v, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help; after a command, its arguments and flags.')
    .helpCommand(false)
    .option('--verbose', 'When something fails, also print where in the program.')
    .configureOutput({ outputError: (text, write) => write(`${inOneLine(text)}; see --help\n`) })
    .exitOverride();
  for (const add of [addServe, addDemo, addInspect, addWatch, addCopy, addSchema, addStart]) add(program);
  return program.addHelpText('after', `\n${describeVariables()}\n\n${EXIT_CODES}`);
}

function inOneLine(text: string): string {
  return text.trimEnd().replace('error:', 'dagloupe:').replaceAll('\n', ' ');
}

const EXIT_CODES = 'Exit codes: 0 done, 1 a fault (of a file, a port, ...), 2 wrong usage.';

/** Whoever reads our output may stop at any line, as `head` does. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
