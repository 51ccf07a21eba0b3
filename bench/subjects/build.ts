/** The program, built from the source as it is, as it would be published. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { atExit } from '../atExit.ts';

const ROOT = new URL('../../', import.meta.url);

/** Of this process alone, since another may measure another source. Below the project, where packages are found. */
const PACKAGE = new URL(`bench/results/program-${process.pid}/`, ROOT);

let building: Promise<string> | undefined;

/** The path of its script. It is built once, and gone when this process ends. */
export function builtProgram(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const folder = new URL('dist/', PACKAGE);
  atExit(() => rmSync(PACKAGE, { recursive: true, force: true }));
  await mkdir(folder, { recursive: true });
  await copyFile(new URL('package.json', ROOT), new URL('package.json', PACKAGE));
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT));
  const project = fileURLToPath(new URL('tsconfig.build.json', ROOT));
  // Types are checked elsewhere.
  const flags = ['-p', project, '--outDir', fileURLToPath(folder), '--noCheck', '--declaration', 'false'];
  await promisify(execFile)(process.execPath, [tsc, ...flags]);
  return fileURLToPath(new URL('cli.js', folder));
}
