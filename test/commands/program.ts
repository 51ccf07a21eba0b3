import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** The file that runs. */
export const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

export interface Surroundings {
  /** Environment variables, besides those of the tests. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The current folder. */
  readonly folder?: string;
}

/** What is left of a program that has ended. */
export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end, as a process of its own. */
export function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return ended(start(args, surroundings));
}

/** A command that serves. */
export interface Serving {
  /** Where GraphQL is. */
  readonly url: string;
  /** Everything that it wrote before it said where it listens. */
  readonly firstOutput: string;
  /** Tells it to stop; resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts a command that serves, on a free port, and waits until it is ready. Whoever asks stops it. */
export async function serve(args: readonly string[], surroundings: Surroundings = {}): Promise<Serving> {
  const child = start([...args, '--port', '0'], surroundings);
  const end = ended(child);
  const firstOutput = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk)),
    end.then(({ code, stderr }) => {
      throw new Error(`it ended with ${code}: ${stderr}`);
    }),
  ]);
  const [, url = ''] = /^listening on (\S+)$/m.exec(firstOutput) ?? [];
  return {
    url,
    firstOutput,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
  };
}

/** Asks over HTTP. Throws on any error. */
export async function ask<Data>(url: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(args: readonly string[], { variables, folder }: Surroundings): Child {
  return spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutSettings(), ...variables },
    cwd: folder,
  });
}

/** Settings and colours of whoever runs the tests are not to reach the program. */
function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^DAGLOUPE_|_COLOR$/.test(name)));
}

async function ended(child: Child): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}
