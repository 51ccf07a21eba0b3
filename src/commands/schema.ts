import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Fault } from '../errors.ts';

interface SchemaFlags {
  readonly check?: string;
}

/** Prints the schema, or compares it with a file. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description("Print the API's schema in GraphQL's own language, sorted.")
    .option('--check <FILE>', 'Print nothing; fail if the file holds anything else.')
    .action(async ({ check }: SchemaFlags) => {
      const { printSortedSchema } = await import('../schema/sdl.ts');
      const sdl = printSortedSchema();
      if (check === undefined) process.stdout.write(sdl);
      else assertHolds(check, sdl);
    });
}

function assertHolds(file: string, sdl: string): void {
  if (readText(file) === sdl) return;
  throw new Fault(
    'BAD_REQUEST',
    `${file} is not the schema that the code defines; bring it up to date with: dagloupe schema > ${file}`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault('BAD_REQUEST', `${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
