/** The HTTP server of lythonic's author, over a file of lythonic's. */
import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Installation, installLythonic } from '../../test/interop/install.ts';
import { freePort } from '../../test/support/freePort.ts';
import { atExit } from '../atExit.ts';
import { post } from '../subjects/post.ts';
import { endChild } from '../subjects/program.ts';

export interface Woodglue {
  /** Calls one of its methods, and gives the text of the answer. */
  call(method: string, params: object): Promise<string>;
  end(): Promise<void>;
}

export function installWoodglue(): Promise<Installation> {
  const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
  return installLythonic({ requirements, proof: 'import woodglue.cli' });
}

const NAMESPACE = 'bench';

const CONFIG = `
auth: { enabled: false }
docs: { enabled: false }
ui: { enabled: false }
namespaces: { ${NAMESPACE}: { entries: [], run_engine: true } }
`;

/** Serves a file, with what else it writes in a folder. Resolves when it answers. */
export async function serveWoodglue(python: string, folder: string, file: string): Promise<Woodglue> {
  const state = join(folder, 'mounts', NAMESPACE);
  await mkdir(state, { recursive: true });
  await symlink(file, join(state, 'dags.db'));
  await writeFile(join(folder, 'woodglue.yaml'), CONFIG);
  const port = await freePort();
  const flags = ['-m', 'woodglue.cli', `--data=${folder}`, `--port=${port}`, 'start'];
  const child = spawn(python, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
  atExit(() => child.kill());
  const call = (method: string, params: object): Promise<string> => {
    const body = { jsonrpc: '2.0', id: 1, method: `system.${method}`, params: { namespace: NAMESPACE, ...params } };
    return post(`http://127.0.0.1:${port}/rpc`, JSON.stringify(body));
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await call('active_runs', {});
      return { call, end: () => endChild(child) };
    } catch (error) {
      if (attempt < ATTEMPTS && child.exitCode === null) {
        await wait(100);
        continue;
      }
      await endChild(child);
      throw error;
    }
  }
}

/** Of asking a server that starts. */
const ATTEMPTS = 300;
