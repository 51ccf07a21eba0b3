import { describe, expect, test } from 'vitest';
import { frame, type Moment } from '../../../src/commands/watch/frame.ts';
import { type Content, node, part, run, T, Teller } from './trees.ts';

const ERROR = 'Traceback (most recent call last):\n  File "load.py", line 7, in load\n    x\nKeyError: 7\n';

/** What a terminal shows 60 seconds after the start. */
function shown(content: Content | null, size: Partial<Moment> = {}): string {
  const teller = new Teller();
  if (content) teller.tell(content);
  const moment = { tree: content && teller.tree, note: '', now: T + 60, columns: 80, rows: 24, ...size };
  return `\n${frame(moment).join('\n')}\n`;
}

/** A map over so many parts of three nodes each: the first fails, of the others every third runs and the rest completed. */
function fanOut(width: number): Content {
  const parts = Array.from({ length: width }, (_, index): Required<Content> => {
    const runId = `part-${index}`;
    const nodes = [node(runId, 'fetch', ['COMPLETED', 2, 3])];
    if (index === 0) {
      nodes.push(node(runId, 'load', ['FAILED', 3, 4], ERROR));
      return { runs: [part(runId, `each[${index}]`, ['FAILED', 2, 4])], nodes };
    }
    if (index % 3 === 0) {
      nodes.push(node(runId, 'load', ['RUNNING', 3]));
      return { runs: [part(runId, `each[${index}]`, ['RUNNING', 2])], nodes };
    }
    nodes.push(node(runId, 'load', ['COMPLETED', 3, 5]));
    return { runs: [part(runId, `each[${index}]`, ['COMPLETED', 2, 5])], nodes };
  });
  return {
    runs: [run('root', ['RUNNING', 0], { initiatedBy: 'maria' }), ...parts.flatMap(({ runs }) => runs)],
    nodes: [
      node('root', 'list', ['COMPLETED', 0, 1]),
      node('root', 'each', ['RUNNING', 1]),
      ...parts.flatMap(({ nodes }) => nodes),
    ],
  };
}

describe('a tree that fits', () => {
  test('is shown with all that is in it: progress of fan-outs, times, the last line of errors', () => {
    expect(shown(fanOut(4))).toBe(
      `
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC, by maria

├─ list         completed  1.0 s
└─ each         running    59.0 s  ███████░░░  3/4, 1 failed, 1 running
   ├─ [0]       failed     2.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   failed     1.0 s   KeyError: 7
   ├─ [1]       completed  3.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   completed  2.0 s
   ├─ [2]       completed  3.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   completed  2.0 s
   └─ [3]       running    58.0 s
      ├─ fetch  completed  1.0 s
      └─ load   running    57.0 s
`,
    );
  });

  test('shows what ran before a restart too', () => {
    const content: Content = {
      runs: [run('root', ['RUNNING', 0]), part('old', 'a[]', ['FAILED', 1, 2]), part('new', 'a[]', ['RUNNING', 5])],
      nodes: [node('root', 'a', ['RUNNING', 5]), node('old', 'x', ['FAILED', 1, 2], 'no such file')],
    };
    expect(shown(content)).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC

└─ a                         running  55.0 s
   ├─ []                     running  55.0 s
   └─ [] (before a restart)  failed   1.0 s
      └─ x                   failed   1.0 s   no such file
`);
  });

  test('may have no nodes', () => {
    expect(shown({ runs: [run('root', ['PAUSED', 0])] })).toBe(
      `
etl:daily  paused  0 ms
root, started 2026-09-20 12:00:00 UTC

`,
    );
  });
});

describe('a tree that does not fit', () => {
  test('folds what is inside parts that completed', () => {
    expect(shown(fanOut(4), { rows: 15 })).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC, by maria

├─ list         completed  1.0 s
└─ each         running    59.0 s  ███████░░░  3/4, 1 failed, 1 running
   ├─ [0]       failed     2.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   failed     1.0 s   KeyError: 7
   ├─ [1]       completed  3.0 s
   ├─ [2]       completed  3.0 s
   └─ [3]       running    58.0 s
      ├─ fetch  completed  1.0 s
      └─ load   running    57.0 s
`);
  });

  test('then counts the parts that completed, then the nodes that did', () => {
    expect(shown(fanOut(4), { rows: 12 })).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC, by maria

├─ list         completed  1.0 s
└─ each         running    59.0 s  ███████░░░  3/4, 1 failed, 1 running
   ├─ [0]       failed     2.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   failed     1.0 s   KeyError: 7
   ├─ [3]       running    58.0 s
   │  ├─ fetch  completed  1.0 s
   │  └─ load   running    57.0 s
   └─ … 2 more: 2 completed
`);
    const wide = fanOut(1);
    const nodes = Array.from({ length: 9 }, (_, index) => node('root', `done-${index}`, ['COMPLETED', 0, 0.5]));
    expect(shown({ ...wide, nodes: [...nodes, ...(wide.nodes ?? [])] }, { rows: 9 })).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC, by maria

├─ each         running    59.0 s
│  └─ [0]       failed     2.0 s
│     ├─ fetch  completed  1.0 s
│     └─ load   failed     1.0 s   KeyError: 7
└─ … 10 more: 10 completed
`);
  });

  test('then shows the parts alone, with what is going on in them, and of many those that matter most', () => {
    expect(shown(fanOut(10_000), { rows: 14 })).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC, by maria

├─ list     completed  1.0 s
└─ each     running    59.0 s  ███████░░░  6,667/10,000, 1 failed, 3,333 running
   ├─ [0]   failed     2.0 s   KeyError: 7
   ├─ [3]   running    58.0 s  › load
   ├─ [6]   running    58.0 s  › load
   ├─ [9]   running    58.0 s  › load
   ├─ [12]  running    58.0 s  › load
   └─ … 9,995 more: 6,666 completed, 3,329 running
`);
  });

  test('is cut off where nothing else helps', () => {
    const nodes = Array.from({ length: 30 }, (_, index) => node('root', `node-${index + 10}`, ['RUNNING', index]));
    expect(shown({ runs: [run('root', ['RUNNING', 0])], nodes }, { rows: 7 })).toBe(`
etl:daily  running  1 m 0 s
root, started 2026-09-20 12:00:00 UTC

├─ node-10  running  1 m 0 s
├─ node-11  running  59.0 s
├─ node-12  running  58.0 s
… and more than fits here
`);
  });

  test.each([1, 2, 3, 4, 5, 8, 13, 21, 40])('never takes more than the %d lines that there are', (rows) => {
    for (const width of [0, 1, 2, 5, 50]) {
      const lines = shown(fanOut(width), { rows, note: 'the connection was cut; trying again' }).trim().split('\n');
      expect(lines.length).toBeLessThanOrEqual(rows);
    }
  });
});

test('names and errors that are too long are cut to the width of the terminal', () => {
  const content: Content = {
    runs: [run('root', ['RUNNING', 0])],
    nodes: [node('root', 'n'.repeat(100), ['FAILED', 0, 1], `ValueError: ${'x'.repeat(100)}`)],
  };
  const lines = shown(content, { columns: 60 }).split('\n').slice(4, -1);
  expect(lines).toEqual([`└─ ${'n'.repeat(32)}…  failed  1.0 s  ValueE…`]);
});

test('what a terminal would obey is shown, not done', () => {
  const content = { runs: [run('root', ['RUNNING', 0])], nodes: [node('root', 'a\u001b[2Jb', ['RUNNING', 1])] };
  expect(shown(content)).toContain('└─ a\\u{1b}[2Jb  running  59.0 s');
});

test('a recorder whose clock is ahead makes no negative times', () => {
  expect(shown({ runs: [run('root', ['RUNNING', 100])] })).toContain('etl:daily  running  0 ms');
});

test('a run that is inside itself is shown once', () => {
  const content: Content = {
    runs: [
      run('root', ['RUNNING', 0], { parentRunId: 'a', dagNsref: 'd' }),
      part('a', 'm[]', ['RUNNING', 1], 'root', 'd'),
      part('root', 'm[]', ['RUNNING', 1], 'a', 'd/m[]'),
    ],
    nodes: [node('root', 'm', ['RUNNING', 0]), node('a', 'm', ['RUNNING', 0])],
  };
  expect(shown(content).split('\n').length).toBeLessThan(12);
});

test('before there is a tree, and when the connection is lost, the last line says so', () => {
  expect(shown(null, { note: 'connecting' })).toBe('\nconnecting\n');
  expect(shown(fanOut(1), { note: 'the connection was cut; trying again' })).toMatch(
    /\nthe connection was cut; trying again\n$/,
  );
});
