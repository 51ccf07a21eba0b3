import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FIXTURES } from '../support/lythonicFixtures.ts';

const run = promisify(execFile);

/** A Python that has what was asked for; or in a few words why there is none. */
export type Installation = { readonly python: string } | { readonly missing: string };

/** How long each step may take, in milliseconds. */
const PATIENCE = 120_000;

/** What to install, and a statement that fails without it. */
export interface Wish {
  readonly requirements: string;
  readonly proof: string;
}

/** The lythonic that the fixtures ask for. */
const LYTHONIC: Wish = {
  requirements: join(FIXTURES, 'requirements.txt'),
  proof: 'import lythonic.compose.dag_runner',
};

/** Installs it in an environment of its own in the temporary folder. It stays there, for the next one who wants the same. */
export async function installLythonic(wish = LYTHONIC): Promise<Installation> {
  const base = await findPython();
  if (!base) return { missing: 'needs Python 3.11 or newer, with venv; DAGLOUPE_TEST_PYTHON names one' };
  const hash = createHash('sha256')
    .update(await readFile(wish.requirements))
    .update(base);
  const folder = join(tmpdir(), `dagloupe-lythonic-${hash.digest('hex').slice(0, 16)}`);
  const python = join(folder, 'bin', 'python');
  if (await isWhole(folder, python, wish)) return { python };

  // Under another name until it is whole: others may want it at the same time.
  const draft = `${folder}-${process.pid}`;
  try {
    await install(base, draft, wish);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await isWhole(folder, python, wish))) return { missing: `lythonic cannot be installed: ${reasonOf(error)}` };
  }
  return { python };
}

/** The path of a Python that is new enough and can make environments. */
async function findPython(): Promise<string | null> {
  const { DAGLOUPE_TEST_PYTHON } = process.env;
  const names = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
  for (const name of DAGLOUPE_TEST_PYTHON ? [DAGLOUPE_TEST_PYTHON] : names) {
    try {
      const { stdout } = await run(name, ['-c', PROBE], { timeout: PATIENCE });
      return stdout.trim();
    } catch {
      // Not there, too old, or without the modules: perhaps the next one.
    }
  }
  return null;
}

const PROBE = 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11); print(sys.executable)';

async function install(base: string, folder: string, { requirements }: Wish): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await run(base, ['-m', 'venv', folder], { timeout: PATIENCE });
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--timeout', '30', '--requirement', requirements];
  await run(join(folder, 'bin', 'python'), pip, { timeout: PATIENCE });
}

/** Whether what stands there is ours, as everybody may put something into the temporary folder, and works. */
async function isWhole(folder: string, python: string, { proof }: Wish): Promise<boolean> {
  try {
    if ((await stat(folder)).uid !== userInfo().uid) return false;
    await run(python, ['-c', proof], { timeout: PATIENCE });
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message?: string };
  return (stderr || message || String(error)).trim().split('\n').at(-1) ?? '';
}
