/** Statuses, times and errors, as a person reads them in a terminal. */
import { styleText } from 'node:util';
import { cut, dim, printable } from './columns.ts';

interface Shown {
  readonly status: string;
  readonly statusText: string;
}

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<string, Style>> = {
  RUNNING: 'cyan',
  PAUSED: 'yellow',
  COMPLETED: 'green',
  FAILED: 'red',
  CANCELLED: 'magenta',
  SKIPPED: 'dim',
};

/** A status in its colour; one that is not known as it is stored, in quotes. */
export function statusWord({ status, statusText }: Shown): string {
  return styleText(STYLES[status] ?? 'bold', status === 'UNKNOWN' ? `"${printable(statusText)}"` : statusText);
}

/** A time to the second: `2026-11-22 00:26:19 UTC`. */
export function timeWord(rfc3339: string): string {
  return `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 19)} UTC`;
}

/** A length of time in the two units that matter; empty for none. */
export function durationWord(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '';
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds) / 60;
  if (minutes < 60) return `${Math.floor(minutes)} m ${Math.round(seconds) % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${Math.floor(minutes) % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const LONGEST_ERROR = 160;

/** The line of an error that says what happened, without the traceback of Python or the stack of JavaScript around it. */
export function errorLine(error: string, longest = LONGEST_ERROR): string {
  return styleText('red', cut(printable(headline(error.split('\n').filter((text) => text.trim() !== ''))), longest));
}

/** Python says it below its frames, and may go on over more lines; JavaScript says it first. */
function headline(lines: readonly string[]): string {
  const lastFrame = lines.findLastIndex((line) => /^\s+File "/.test(line));
  const below = lastFrame < 0 ? undefined : lines.slice(lastFrame).find((line) => /^\S/.test(line));
  return (below ?? lines[0] ?? '(no message)').trim();
}

/** All lines of an error, moved in. */
export function errorBlock(error: string, indent: string): string {
  return error
    .trimEnd()
    .split('\n')
    .map((line) => `${dim(indent)}${styleText('red', printable(line.replaceAll('\t', '    ')))}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
