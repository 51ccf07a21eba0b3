import { expect, test } from 'vitest';
import { ChangeLines } from '../../../src/commands/watch/changeLines.ts';
import { type Content, node, part, run, T, Teller } from './trees.ts';

/** The lines for changes that come one after the other, the last of them at this second. */
function linesOf(contents: readonly Content[], now = 60): string[] {
  const teller = new Teller();
  const lines = new ChangeLines();
  return contents.map((content) => lines.of(teller.tell(content), T + now)).at(-1) ?? [];
}

test('each change is a line: when it happened, the status, the DAG, the node, how long it took', () => {
  const lines = linesOf([
    {
      runs: [run('root', ['RUNNING', 0]), part('a', 'each[3]', ['COMPLETED', 2, 5.25])],
      nodes: [node('root', 'each', ['RUNNING', 1.123]), node('a', 'fetch', ['SKIPPED', 3, 3])],
    },
  ]);
  expect(lines).toEqual([
    '12:00:00.000 running    etl:daily',
    '12:00:01.123 running    etl:daily › each',
    '12:00:03.000 skipped    etl:daily/each[3] › fetch  0 ms',
    '12:00:05.250 completed  etl:daily/each[3]  3.3 s',
  ]);
});

test('a failure is told by the line of its error that says what happened', () => {
  const error = 'Traceback (most recent call last):\n  File "load.py", line 7, in load\nKeyError: \u001b[31m7\n';
  expect(
    linesOf([{ runs: [run('root', ['RUNNING', 0])], nodes: [node('root', 'load', ['FAILED', 1, 2], error)] }]),
  ).toEqual([
    '12:00:00.000 running    etl:daily',
    '12:00:02.000 failed     etl:daily › load  1.0 s  KeyError: \\u{1b}[31m7',
  ]);
});

test('what is told again without another status gets no line', () => {
  const state = { runs: [run('root', ['RUNNING', 0])], nodes: [node('root', 'a', ['RUNNING', 1])] };
  expect(linesOf([state, state])).toEqual([]);
  expect(linesOf([state, { nodes: [node('root', 'a', ['COMPLETED', 1, 2])] }])).toHaveLength(1);
});

test('a pause, and a run that goes on, have the time at which they were heard of', () => {
  const running = { runs: [run('root', ['RUNNING', 0])] };
  const paused = { runs: [run('root', ['PAUSED', 0])] };
  expect(linesOf([running, paused], 7)).toEqual(['12:00:07.000 paused     etl:daily']);
  expect(linesOf([running, paused, running], 8)).toEqual(['12:00:08.000 running    etl:daily']);
});

test('a node that starts again does so at its new start', () => {
  const failed = { runs: [run('root', ['RUNNING', 0])], nodes: [node('root', 'a', ['FAILED', 1, 2], 'no')] };
  expect(linesOf([failed, { nodes: [node('root', 'a', ['RUNNING', 4])] }])).toEqual([
    '12:00:04.000 running    etl:daily › a',
  ]);
});

test('of what happened at the same time, a run begins first and ends last', () => {
  const lines = linesOf([
    {
      nodes: [node('root', 'a', ['COMPLETED', 1, 2])],
      runs: [run('root', ['COMPLETED', 0, 2]), part('b', 'a[]', ['RUNNING', 2])],
    },
  ]);
  expect(lines.map((line) => line.slice(13))).toEqual([
    'running    etl:daily/a[]',
    'completed  etl:daily › a  1.0 s',
    'completed  etl:daily  2.0 s',
  ]);
});
