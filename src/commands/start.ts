import type { Command } from 'commander';
import { addSettings, type SettingFlags, settingsFrom } from './settings.ts';

/** What `npm start` runs. */
export function addStart(program: Command): void {
  addSettings(
    program.command('start [FILE]').description('Serve FILE; without one, run the demo. This is what npm start does.'),
  ).action(async (file: string | undefined, flags: SettingFlags) => {
    const config = settingsFrom(flags);
    if (file === undefined) {
      const { runDemo } = await import('./demo/run.ts');
      await runDemo(config);
    } else {
      const { serveFile } = await import('./serving.ts');
      await serveFile(file, config);
    }
  });
}
