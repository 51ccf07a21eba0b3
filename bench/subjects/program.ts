/** dagloupe as its users run it: `dagloupe serve FILE`, built, in a process of its own, with its settings as they come. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Program {
  /** Where GraphQL is. */
  readonly url: string;
  /** How much of the machine's memory it has, in MiB. */
  memory(): Promise<number>;
  end(): Promise<void>;
}

/** Resolves when it listens. */
export async function serveProgram(file: string): Promise<Program> {
  const script = await built();
  const child = spawn(process.execPath, [script, 'serve', file, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await firstLine(child);
  return {
    url: url.replace('listening on ', ''),
    async memory() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)]);
      return Number(stdout) / 1024;
    },
    end: () => ended(child),
  };
}

/** Ends a process of ours. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

/** What a process says first. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('expected a process that writes to a pipe');
  for await (const line of createInterface(child.stdout)) {
    child.stdout.resume();
    return line;
  }
  throw new Error(`the process ended with ${child.exitCode ?? child.signalCode} before it said anything`);
}

const ROOT = new URL('../../', import.meta.url);
const PACKAGE = new URL('bench/results/cache/program/', ROOT);
let building: Promise<string> | undefined;

/** The script of the program as it is now, built once by a process that asks. */
function built(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const folder = new URL('dist/', PACKAGE);
  await mkdir(folder, { recursive: true });
  await copyFile(new URL('package.json', ROOT), new URL('package.json', PACKAGE));
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT));
  const project = fileURLToPath(new URL('tsconfig.build.json', ROOT));
  // Its types are checked elsewhere.
  const flags = ['-p', project, '--outDir', fileURLToPath(folder), '--noCheck', '--declaration', 'false'];
  await promisify(execFile)(process.execPath, [tsc, ...flags]);
  return fileURLToPath(new URL('cli.js', folder));
}
