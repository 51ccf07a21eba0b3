import { readFileSync } from 'node:fs';

interface PackageJson {
  readonly version: string;
  readonly engines: { readonly node: string };
}

const described: PackageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Version of this program, as its package says. */
export const version = described.version;

/** The oldest Node that can run it, such as `22.18`. */
export const oldestNode = described.engines.node.replace('>=', '');
