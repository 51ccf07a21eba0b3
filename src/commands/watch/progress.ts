import { styleText } from 'node:util';
import { number } from '../inspect/branches.ts';
import { dim, width as widthOf } from '../inspect/columns.ts';

/** How many cells a bar has: as many as fit, and not another number at each change of a word beside it. */
const LENGTHS = [20, 10];
/** The statuses that are told beside the bar, in this order. */
const TOLD = ['failed', 'cancelled', 'paused', 'running', 'unknown'] as const;

/**
 * How far a fan-out has come, in at most so many characters: `█████████░  9/10, 1 failed, 1 running`. Of the parts
 * that were started: nobody knows how many are to come.
 */
export function progress(counts: ReadonlyMap<string, number>, width: number): string {
  const count = (status: string): number => counts.get(status) ?? 0;
  const total = counts.values().reduce((sum, one) => sum + one, 0);
  const ended = count('completed') + count('failed') + count('cancelled');
  const others = TOLD.filter((status) => count(status) > 0).map((status) => `${number(count(status))} ${status}`);
  const words = [`${number(ended)}/${number(total)}`, ...others];
  const text = words.join(', ');
  const room = LENGTHS.find((length) => length + 2 + widthOf(text) <= width);
  if (room === undefined) return widthOf(text) <= width ? text : (words[0] ?? '');

  const cells = (part: number): number => Math.floor((room * part) / total);
  // One that failed shows, among however many.
  const failed = Math.max(cells(count('failed') + count('cancelled')), count('failed') > 0 ? 1 : 0);
  const completed = Math.min(cells(count('completed')), room - failed);
  const rest = room - failed - completed;
  const bar = styleText('green', '█'.repeat(completed)) + styleText('red', '█'.repeat(failed)) + dim('░'.repeat(rest));
  return `${bar}  ${text}`;
}
