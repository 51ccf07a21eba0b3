/** One PostgreSQL for all tests of a run, started by the first that asks for it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for PostgreSQL: the answer is its URL, without a database. */
    readonly postgres: string;
  }
}

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let keeper: Keeper | null = null;
  let url: Promise<string> | null = null;
  const server = createServer(async (_, response) => {
    url ??= start((started) => {
      keeper = started;
    });
    try {
      response.end(await url);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  project.provide('postgres', `http://127.0.0.1:${port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    if (keeper?.exitCode !== null) return;
    keeper.stdin.end();
    await once(keeper, 'exit');
  };
}

async function start(onStart: (keeper: Keeper) => void): Promise<string> {
  const path = new URL('./postgresProcess.ts', import.meta.url).pathname;
  const keeper = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onStart(keeper);
  const [said] = await Promise.race([
    once(keeper.stdout, 'data'),
    once(keeper, 'exit').then(() => Promise.reject(new Error('PostgreSQL did not start'))),
  ]);
  return String(said).trim();
}
