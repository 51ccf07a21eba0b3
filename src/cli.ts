#!/usr/bin/env node
/**
 * The command line. It asks which Node runs it before it imports anything but these two files, so that it can say so
 * under one that is too old.
 */
import { unsupportedNode } from './commands/nodeCheck.ts';
import { oldestNode } from './version.ts';

const refusal = unsupportedNode(process.versions.node, oldestNode);
if (refusal === null) {
  const { main } = await import('./commands/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(`dagloupe: ${refusal}\n`);
  process.exitCode = 1;
}
