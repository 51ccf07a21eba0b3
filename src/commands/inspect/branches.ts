/** What trees in a terminal are drawn with. */
import { printable } from './columns.ts';

/** The branch in front of a line, and what is in front of those under it. */
export function fork(indent: string, isLast: boolean): [branch: string, below: string] {
  return isLast ? [`${indent}└─ `, `${indent}   `] : [`${indent}├─ `, `${indent}│  `];
}

export function labelWord(nodeLabel: string): string {
  return nodeLabel === '' ? '""' : printable(nodeLabel);
}

/** The part of an expansion key that its node's label does not say: `[2]` of `each[2]`. */
export function partWord(key: string, nodeLabel: string): string {
  return printable(key.startsWith(nodeLabel) ? key.slice(nodeLabel.length) : key);
}

/** How many are not shown, by status: `… 9,980 more: 9,979 completed, 1 running`. Empty for none. */
export function hiddenWord(counts: Iterable<readonly [status: string, count: number]>): string {
  const hidden = [...counts].filter(([, count]) => count > 0);
  if (hidden.length === 0) return '';
  const total = hidden.reduce((sum, [, count]) => sum + count, 0);
  return `… ${number(total)} more: ${hidden.map(([status, count]) => `${number(count)} ${status}`).join(', ')}`;
}

/** A count, with commas. */
export function number(count: number): string {
  return count.toLocaleString('en-US');
}
