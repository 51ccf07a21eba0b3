import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { bytesWord, problemLine, progressLine, summary } from '../../../src/commands/copy/words.ts';
import { emptyTally } from '../../../src/store/copy/tally.ts';

const tally = { ...emptyTally(4_000), copied: 900, unchanged: 90, failed: 10, runs: 2_000, nodes: 10_000, edges: 345 };

const plainLine = (...args: Parameters<typeof progressLine>): string => stripVTControlCharacters(progressLine(...args));

test('a bar tells how many trees are done, what was written, and how long the rest will take', () => {
  expect(plainLine({ ...tally, payloadBytes: 12_345_678 }, 10_000)).toBe(
    '█████░░░░░░░░░░░░░░░  1,000/4,000 trees, 12,345 rows, 12.3 MB, 30.0 s left',
  );
});

test('a bar is never longer than it is, though trees start while they are copied', () => {
  expect(plainLine({ ...emptyTally(0), copied: 3 }, 10)).toBe('████████████████████  3/3 trees, 0 rows, 0 bytes');
  expect(plainLine(emptyTally(0), 0)).toBe('░░░░░░░░░░░░░░░░░░░░  0/1 trees, 0 rows, 0 bytes');
});

test('a summary tells what was not copied, and that there is more to do', () => {
  expect(summary({ ...tally, payloads: 1, payloadBytes: 7, attempts: 2, problems: 11, isStopped: true }, 1_234)).toBe(
    [
      '900 trees copied, 90 unchanged, 10 not copied in 1.2 s',
      'written: 2,000 runs, 10,000 nodes, 345 edges, 2 earlier attempts, 1 input or output of 7 bytes',
      'read back: rows and the SHA-256 of all inputs and outputs are the same',
      '11 problems: not all of it could be copied',
      'stopped before the end; copy again to go on',
      '',
    ].join('\n'),
  );
});

test('sizes have the unit that fits', () => {
  expect([0, 999, 1_000, 999_949, 999_950, 5e15].map(bytesWord)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '5000.0 TB',
  ]);
});

test('what a file says cannot reach the terminal as more than text', () => {
  expect(problemLine({ code: 'CONFLICT', rootRunId: 'a\x1b[2J', message: 'it\nis' })).toBe(
    'CONFLICT: tree a\\u{1b}[2J: it\\u{a}is',
  );
});
