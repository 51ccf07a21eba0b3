/** dagloupe as its users run it: `dagloupe serve FILE`, in a process of its own, with its settings as they come. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { atExit } from '../atExit.ts';
import { builtProgram } from './build.ts';

export interface Program {
  /** Where GraphQL is. */
  readonly url: string;
  /** How much of the machine's memory it has, in MiB. */
  memory(): Promise<number>;
  end(): Promise<void>;
}

/** Resolves when it listens. */
export async function serveProgram(file: string): Promise<Program> {
  const script = await builtProgram();
  // All of them write to one file, as a service does; nobody has to read it meanwhile.
  const logPath = join(dirname(script), 'log.txt');
  const log = openSync(logPath, 'a');
  const child = spawn(process.execPath, [script, 'serve', file, '--port', '0'], { stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  atExit(() => child.kill());
  const line = await firstLine(child);
  const url = /^listening on (.+)$/.exec(line ?? '')?.[1];
  if (url === undefined)
    throw new Error(`dagloupe serve ${file} failed:\n${readFileSync(logPath, 'utf8').slice(-2000)}`);
  return {
    url,
    async memory() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)]);
      return Number(stdout) / 1024;
    },
    end: () => endChild(child),
  };
}

/** What a process says first; undefined if it ends without a word. */
async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (!stdout) throw new Error('expected a process that writes to a pipe');
  const lines = createInterface(stdout);
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  lines.close();
  // Whatever else it says is not to hold it up.
  stdout.resume();
  return line;
}

/** Ends a process of ours. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
