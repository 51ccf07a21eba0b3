import { readFileSync } from 'node:fs';

const manifest: { version: string; engines: { node: string } } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** Version of this program. */
export const version: string = manifest.version;

/** The oldest Node that runs it. */
export const oldestNode: string = manifest.engines.node.replace('>=', '');
