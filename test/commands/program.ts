import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The file that runs. */
export const CLI = `${ROOT}src/cli.ts`;

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
  /** Tells it to stop; resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts a command that serves, on a free port unless one is given, and waits until it is ready. Whoever asks stops it. */
export function serve(args: readonly string[], surroundings: Surroundings = {}): Promise<Serving> {
  return serving(start(args.includes('--port') ? args : [...args, '--port', '0'], surroundings));
}

/** As `serve`, through `npm start`. */
export function npmStart(args: readonly string[]): Promise<Serving> {
  return serving(launch('npm', ['start', '--', ...args, '--port', '0'], { folder: ROOT }));
}

async function serving(child: Child): Promise<Serving> {
  const end = ended(child);
  const url = new Promise<string>((resolve) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const [, found] = /^listening on (\S+)$/m.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const failure = end.then(({ code, stderr }) => {
    throw new Error(`it ended with ${code}: ${stderr}`);
  });
  return {
    url: await Promise.race([url, failure]),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
  };
}

/** A `dagloupe watch` that goes on. */
export interface Running {
  /** Whole lines that it wrote so far. */
  readonly lines: readonly string[];
  /** What it wrote to standard error so far. */
  readonly errors: string;
  readonly end: Promise<Ended>;
  /** Tells it to stop; resolves when it has. */
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

/** Starts to watch. Whoever asks stops it. */
export function watching(args: readonly string[]): Running {
  const child = start(['watch', ...args], {});
  const end = ended(child);
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (chunk) => (written[stream] += chunk));
  return {
    get lines() {
      return written.stdout.split('\n').slice(0, -1);
    },
    get errors() {
      return written.stderr;
    },
    end,
    stop: (signal) => {
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

function start(args: readonly string[], surroundings: Surroundings): Child {
  return launch(process.execPath, [CLI, ...args], surroundings);
}

function launch(command: string, args: readonly string[], { variables, folder }: Surroundings): Child {
  return spawn(command, args, {
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
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code] = await once(child, 'close');
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** All that a stream gives, as far as it has come. */
function collect(stream: Readable): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8').on('data', (chunk) => {
    collected.text += chunk;
  });
  return collected;
}
