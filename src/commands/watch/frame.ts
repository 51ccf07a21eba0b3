/** What `watch` shows in a terminal at one moment. */
import { styleText } from 'node:util';
import type { FollowedTree } from '../../client/follow/tree.ts';
import { columns as aligned, cut, dim, printable, width } from '../inspect/columns.ts';
import { runHeading } from '../inspect/text.ts';
import { elapsedMs } from './elapsed.ts';
import { FOLDINGS } from './folding.ts';
import { type ItemLine, type Line, linesOf, type TreeMoment } from './treeLines.ts';

export interface Moment {
  /** Null before anything is known of it. */
  readonly tree: FollowedTree | null;
  /** What is to be said beside the tree; empty if nothing. */
  readonly note: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
}

/** Lines that fit a terminal, but for those that wide characters make longer. */
export function frame({ tree, note, now, columns, rows }: Moment): string[] {
  const footer = note === '' ? [] : [styleText('yellow', cut(printable(note), columns))];
  if (!tree) return footer;
  const { run } = tree;
  const heading = runHeading({ ...run, durationMs: elapsedMs(run, now) ?? 0 });
  const room = rows - heading.length - 1 - footer.length;
  const lines = room > 0 ? ['', ...render(fitting(tree, now, room), columns)] : [];
  return [...heading, ...lines, ...footer].slice(0, rows);
}

/** As much as fits: the first folding that does, or the beginning of the last one. */
function fitting(tree: FollowedTree, now: number, room: number): Line[] {
  const moment = momentOf(tree, now);
  let lines: Line[] = [];
  for (const folding of FOLDINGS) {
    // No more than is needed to see that they do not fit: a tree may have thousands.
    lines = [...linesOf(moment, folding).take(room + 1)];
    if (lines.length <= room) return lines;
  }
  return [...lines.slice(0, room - 1), { branch: '', aside: '… and more than fits here' }];
}

/** The tree as it is now. Each thing is looked up once, however often it is folded another way. */
function momentOf(tree: FollowedTree, now: number): TreeMoment {
  return {
    run: tree.run,
    now,
    nodesOf: once((runId) => tree.nodesOf(runId)),
    partsOf: once((runId) => once((nodeLabel) => tree.partsOf(runId, nodeLabel))),
  };
}

function once<Value>(look: (name: string) => Value): (name: string) => Value {
  const known = new Map<string, Value>();
  return (name) => {
    const value = known.get(name) ?? look(name);
    known.set(name, value);
    return value;
  };
}

const GAP = 2;

/** Columns: names, statuses, times; what is left is for details. */
function render(lines: readonly Line[], columns: number): string[] {
  const longest = Math.max(Math.floor(columns * 0.6), 20);
  const items = lines.filter((line): line is ItemLine => !('aside' in line));
  const cells = items.map(({ branch, name, status, duration }) => [
    dim(branch) + cut(name, Math.max(longest - branch.length, 1)),
    status,
    duration,
  ]);
  const widest = [0, 1, 2].map((column) => Math.max(0, ...cells.map((row) => width(row[column] ?? ''))));
  const left = columns - widest.reduce((sum, one) => sum + one + GAP, 0);
  const rows = aligned(cells.map((row, index) => [...row, items[index]?.detail(left) ?? ''])).split('\n');
  return lines.map((line) => ('aside' in line ? dim(cut(line.branch + line.aside, columns)) : (rows.shift() ?? '')));
}
