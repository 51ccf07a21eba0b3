import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { columns, printable } from '../../src/commands/inspect/columns.ts';
import { durationWord, errorLine } from '../../src/commands/inspect/words.ts';

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.5, '1.0 s'],
  [59_949, '59.9 s'],
  [59_950, '1 m 0 s'],
  [3_599_499, '59 m 59 s'],
  [3_599_500, '1 h 0 m'],
  [7_261_000, '2 h 1 m'],
  [172_799_000, '47 h 59 m'],
  [180_000_000, '2 d 2 h'],
  [null, ''],
])('%d ms are shown as %j', (ms, shown) => {
  expect(durationWord(ms)).toBe(shown);
});

test.each([
  [
    'the exception of a traceback',
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    f()\nValueError: no\n',
    'ValueError: no',
  ],
  [
    'the last exception of a chain',
    'Traceback (...):\n  File "a.py"\nKeyError: 1\n\nDuring ...:\n\nTraceback (...):\n  File "b.py"\nOSError: 2',
    'OSError: 2',
  ],
  [
    'the first line of a message of many',
    'Traceback (...):\n  File "a.py"\nValueError: one\n  two\nthree',
    'ValueError: one',
  ],
  [
    'the message above a stack',
    'TypeError: no\n    at f (a.js:1:2)\n\nCaused by: Error: x\n    at g (b.js:1:2)',
    'TypeError: no',
  ],
  ['a bare message', 'no such file', 'no such file'],
  ['nothing', '', '(no message)'],
])('of an error %s is shown', (_, error, shown) => {
  expect(stripVTControlCharacters(errorLine(error))).toBe(shown);
});

test('a long message is cut', () => {
  expect(stripVTControlCharacters(errorLine('x'.repeat(1_000)))).toHaveLength(160);
});

test('text is shown as it is, but for characters that a terminal obeys or that cannot be seen', () => {
  expect(printable('名前 é 🜚 "quoted" \\ / [x]')).toBe('名前 é 🜚 "quoted" \\ / [x]');
  expect(printable('\0\t\n\u001b\u007f\u009b\u200b\u2028\u202e\ufeff\ud800')).toBe(
    '\\u{0}\\u{9}\\u{a}\\u{1b}\\u{7f}\\u{9b}\\u{200b}\\u{2028}\\u{202e}\\u{feff}\\u{d800}',
  );
});

test('columns are as wide as what is in them, whatever its colour', () => {
  expect(columns([['a', 'bb', 'c'], ['\u001b[31maaa\u001b[39m', 'b'], ['名']])).toBe(
    'a    bb  c\n\u001b[31maaa\u001b[39m  b\n名\n',
  );
});
