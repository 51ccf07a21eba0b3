import type { Command } from 'commander';
import { addSettings, type SettingFlags, settingsFrom } from './settings.ts';

interface DemoFlags extends SettingFlags {
  readonly file?: string;
}

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('Run a made-up pipeline again and again, ever more slowly, and serve what it records.')
    .option('--file <path>', 'Record into this store and keep it. Without: into a temporary one, removed at the end.');
  addSettings(command).action(async ({ file, ...flags }: DemoFlags) => {
    const config = settingsFrom(flags);
    const { runDemo } = await import('./demo/run.ts');
    await runDemo(config, file);
  });
}
