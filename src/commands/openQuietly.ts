import { type Opened, type OpenOptions, openStore } from '../store/open.ts';
import { settingsFrom } from './settings.ts';

/** Opens a store for a command that serves nobody: of the settings, those that say how a database is spoken to. @throws Fault */
export function openQuietly(place: string, options: Omit<OpenOptions, 'postgres'> = {}): Promise<Opened> {
  const { pooler, statementTimeoutMs } = settingsFrom({});
  return openStore(place, { ...options, postgres: { pooler, statementTimeoutMs } });
}
