/** The settings of a server as flags, and as a help text. */
import type { Command } from 'commander';
import { type Config, envName, flagName, loadConfig, SETTINGS, type SettingName } from '../config.ts';
import { Fault } from '../errors.ts';
import { UsageError } from './failure.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];

/** Values of flags, as they were typed. */
export type SettingFlags = { readonly [Name in SettingName]?: string };

/** Lets a command take every setting as a flag. */
export function addSettings(command: Command): Command {
  for (const name of NAMES) {
    const { placeholder, description } = SETTINGS[name];
    command.option(`${flagName(name)} <${placeholder}>`, `${description} (${origin(name)})`);
  }
  return command;
}

/** The settings in force: flags win over the environment. Throws a UsageError for a value that is not allowed. */
export function settingsFrom(flags: SettingFlags): Config {
  try {
    return loadConfig(undefined, flags);
  } catch (error) {
    throw error instanceof Fault ? new UsageError(error.message) : error;
  }
}

/** All environment variables, for a help text. */
export function describeVariables(): string {
  const width = Math.max(...NAMES.map((name) => envName(name).length));
  const lines = NAMES.map((name) => `  ${envName(name).padEnd(width)}  ${SETTINGS[name].description}`);
  return ['Environment variables (a flag of the same name wins):', ...lines].join('\n');
}

function origin(name: SettingName): string {
  const value = SETTINGS[name].default;
  const shown = value === null || (Array.isArray(value) && value.length === 0) ? 'none' : String(value);
  return `default: ${shown}, env: ${envName(name)}`;
}
