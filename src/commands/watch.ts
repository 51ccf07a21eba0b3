import type { Command } from 'commander';
import { settingsFrom } from './settings.ts';

interface WatchFlags {
  readonly token?: string;
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('Follow a run and everything inside it as it happens, on a server or in a file. Nothing is altered.')
    .argument(
      '<URL|FILE>',
      'Where a server is, such as http://127.0.0.1:4000; or a file or a postgres:// database, which may be in use.',
    )
    .argument(
      '[RUN]',
      'The id of a run, or the beginning of it if it is among the newest. Without: the newest run that is active; if none is, the next one to start.',
    )
    .option('--token <text>', 'The token of the server, if it wants one (env: DAGLOUPE_TOKEN)')
    .addHelpText('after', `\n${HELP}`)
    .action(async (target: string, run: string | undefined, flags: WatchFlags) => {
      const { token } = settingsFrom(flags);
      const { watch } = await import('./watch/run.ts');
      process.exitCode = await watch(target, run, token);
    });
}

const HELP = `On a terminal the tree is drawn anew as it changes; what has ended is folded where it does not fit. Elsewhere each change of
a run or a node is a line: when it happened (UTC), the status, the DAG, the node. A server that is lost is looked for until it is
back; what was missed comes then.

It ends when the run and all others of its tree have ended; or when the run has ended and nothing changed for 5 seconds, since
sub-runs that were given up stay running for ever. Exit codes: 0 the run completed, 1 it did not or there was a fault, 2 wrong
usage, 130 stopped before the end.`;
