import type { Command } from 'commander';
import { addSettings, type SettingFlags, settingsFrom } from './settings.ts';

/** Where `serve` keeps its runs if it is not told. */
const DEFAULT_FILE = 'dagloupe.db';

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      "Serve runs over GraphQL: from a store of dagloupe's own, or from the dags.db of lythonic, which is never altered.",
    )
    .argument(
      '[FILE]',
      'The file, or the postgres:// URL of a database. Where nothing is, a new store is made.',
      DEFAULT_FILE,
    );
  addSettings(command).action(async (file: string, flags: SettingFlags) => {
    const config = settingsFrom(flags);
    const { serveFile } = await import('./serving.ts');
    await serveFile(file, config);
  });
}
