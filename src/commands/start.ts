import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from './failure.ts';
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
      if (isLostValue(file)) {
        throw new UsageError(
          `there is no file ${file}; if it belongs to a flag, npm kept that to itself: npm start -- --port ${file}`,
        );
      }
      const { serveFile } = await import('./serving.ts');
      await serveFile(file, config);
    }
  });
}

/** Of `npm start --port 4001`, without `--` before the flag, npm passes on the number alone. */
function isLostValue(file: string): boolean {
  return /^\d+$/.test(file) && !existsSync(file);
}
