import type { TreeUpdate } from '../../client/follow/follow.ts';
import type { FollowedNode, FollowedRun } from '../../client/follow/tree.ts';
import { formatTime } from '../../time.ts';
import { labelWord } from '../inspect/branches.ts';
import { printable } from '../inspect/columns.ts';
import { durationWord, errorLine, statusWord } from '../inspect/words.ts';
import { elapsedMs } from './elapsed.ts';

interface Line {
  readonly at: string;
  /** Of what happened at the same time, a run begins first and ends last. */
  readonly rank: number;
  readonly text: string;
}

/** Says in lines what changed: `12:00:01.123 running    pipelines:daily/each[3] › fetch`. */
export class ChangeLines {
  /** What was said last of each run and node. */
  readonly #said = new Map<string, string>();

  /**
   * Lines in order of time. What shows no other status than it was said to have gets none.
   * @param now Seconds since the epoch: the time of a change that has none of its own, such as a pause.
   */
  of({ tree, changedRuns, changedNodes }: TreeUpdate, now: number): string[] {
    const nsrefOf = (runId: string): string => printable(tree.runs.get(runId)?.dagNsref ?? runId);
    const runs = changedRuns.map((run) => this.#lineOf(run.runId, run, nsrefOf(run.runId), now));
    const nodes = changedNodes.map((node) => {
      const path = `${nsrefOf(node.runId)} › ${labelWord(node.nodeLabel)}`;
      return this.#lineOf(JSON.stringify([node.runId, node.nodeLabel]), node, path, now);
    });
    const lines = [...runs, ...nodes].filter((line) => line !== null);
    return lines.sort(byTime).map(({ text }) => text);
  }

  #lineOf(name: string, item: FollowedRun | FollowedNode, path: string, now: number): Line | null {
    const { status, statusText, startedAt, finishedAt } = item;
    const before = this.#said.get(name);
    const said = JSON.stringify([status, statusText, startedAt]);
    if (said === before) return null;
    this.#said.set(name, said);
    const isRun = !('nodeLabel' in item);
    const isEnd = ENDS.includes(status);
    // A run that goes on after a pause or a failure keeps its start.
    const isRestart = isRun && before !== undefined;
    const own = isEnd ? finishedAt : status === 'RUNNING' && !isRestart ? startedAt : null;
    const at = own ?? formatTime(now);
    const text = [`${at.slice(11, 23)} ${statusWord(item)}${' '.repeat(Math.max(9 - statusText.length, 0))}  ${path}`];
    if (isEnd) text.push(durationWord(elapsedMs(item, now)));
    if ('error' in item && item.error !== null) text.push(errorLine(item.error));
    return { at, rank: isRun ? (isEnd ? 2 : 0) : 1, text: text.filter((word) => word !== '').join('  ') };
  }
}

const ENDS: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'];

function byTime(a: Line, b: Line): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.rank - b.rank;
}
