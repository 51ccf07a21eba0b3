/** The lines of a tree: nodes, and under composite nodes the parts that ran inside them. */
import type { FollowedNode, FollowedPart, FollowedRun } from '../../client/follow/tree.ts';
import { fork, hiddenWord, labelWord, partWord } from '../inspect/branches.ts';
import { cut, dim } from '../inspect/columns.ts';
import { durationWord, errorLine, statusWord } from '../inspect/words.ts';
import { elapsedMs } from './elapsed.ts';
import type { Folding } from './folding.ts';
import { progress } from './progress.ts';

/** A tree as it is at a time, in seconds since the epoch. */
export interface TreeMoment {
  readonly run: FollowedRun;
  readonly now: number;
  readonly nodesOf: (runId: string) => readonly FollowedNode[];
  readonly partsOf: (runId: string) => (nodeLabel: string) => readonly FollowedPart[];
}

/** A node or a run; or what is to be said of those that are not shown. */
export type Line = ItemLine | AsideLine;

interface AsideLine {
  readonly branch: string;
  readonly aside: string;
}

export interface ItemLine {
  /** Branches of the tree. */
  readonly branch: string;
  readonly name: string;
  readonly status: string;
  readonly duration: string;
  /** What else there is to say, in at most so many characters. */
  readonly detail: (width: number) => string;
}

/** Made one by one as they are asked for. */
export function linesOf(moment: TreeMoment, folding: Folding): Generator<Line> {
  return new TreeLines(moment, folding).inside(moment.run, '', new Set());
}

class TreeLines {
  readonly #moment: TreeMoment;
  readonly #folding: Folding;

  constructor(moment: TreeMoment, folding: Folding) {
    this.#moment = moment;
    this.#folding = folding;
  }

  /** @param above The runs that it is inside of: a file that others wrote may hold a run inside itself. */
  *inside(run: FollowedRun, indent: string, above: ReadonlySet<string>): Generator<Line> {
    if (above.has(run.runId)) return;
    const path = new Set([...above, run.runId]);
    const nodes = this.#moment.nodesOf(run.runId);
    const shown = this.#folding.doneNodes ? nodes : unlessOneHidden(nodes, (node) => !isDone(node));
    const hidden = hiddenWord(countsOf(nodes, shown));
    for (const [index, node] of shown.entries()) {
      const [branch, below] = fork(indent, index === shown.length - 1 && hidden === '');
      const parts = this.#moment.partsOf(run.runId)(node.nodeLabel);
      yield this.#line(branch, labelWord(node.nodeLabel), node, this.#nodeDetail(node, parts));
      yield* this.#parts(node, parts, below, path);
    }
    if (hidden !== '') yield { branch: fork(indent, true)[0], aside: hidden };
  }

  *#parts(
    node: FollowedNode,
    parts: readonly FollowedPart[],
    indent: string,
    above: ReadonlySet<string>,
  ): Generator<Line> {
    const shown = this.#choose(parts);
    if (shown.length === 0) return;
    const hidden = hiddenWord(countsOf(parts.map(runOf), shown.map(runOf)));
    const entries = shown.flatMap(({ key, run, earlierRuns }) => {
      const name = partWord(key, node.nodeLabel);
      const earlier = this.#folding.earlier ? earlierRuns : [];
      return [
        { name, run, isOpen: this.#isOpen(run, above.size) },
        ...earlier.map((it) => ({ name: `${name} (before a restart)`, run: it, isOpen: !isDone(it) })),
      ];
    });
    for (const [index, { name, run, isOpen }] of entries.entries()) {
      const [branch, below] = fork(indent, index === entries.length - 1 && hidden === '');
      yield this.#line(branch, name, run, isOpen ? () => '' : (width) => this.#insideWord(run, width));
      if (isOpen) yield* this.inside(run, below, above);
    }
    if (hidden !== '') yield { branch: fork(indent, true)[0], aside: hidden };
  }

  #choose(parts: readonly FollowedPart[]): readonly FollowedPart[] {
    const { doneParts, parts: most } = this.#folding;
    // Where all are done, the line of the node says it all.
    if (!doneParts && parts.every(({ run }) => isDone(run))) return [];
    const wanted = doneParts ? parts : unlessOneHidden(parts, ({ run }) => !isDone(run));
    if (wanted.length <= most) return wanted;
    const urgent = new Set(wanted.toSorted((a, b) => urgencyOf(b.run) - urgencyOf(a.run)).slice(0, most));
    return wanted.filter((part) => urgent.has(part));
  }

  #isOpen(run: FollowedRun, level: number): boolean {
    const { insideDone, depth } = this.#folding;
    return level <= depth && (insideDone || !isDone(run));
  }

  #line(branch: string, name: string, item: FollowedRun | FollowedNode, detail: ItemLine['detail']): Line {
    const duration = durationWord(elapsedMs(item, this.#moment.now));
    return { branch, name, status: statusWord(item), duration, detail };
  }

  #nodeDetail({ error }: FollowedNode, parts: readonly FollowedPart[]): ItemLine['detail'] {
    if (error !== null) return (width) => errorLine(error, width);
    if (parts.length > 1) return (width) => progress(countsOf(parts.map(runOf)), width);
    return () => '';
  }

  /** What is going on in a run that is folded: its error, or which nodes run. */
  #insideWord(run: FollowedRun, width: number): string {
    if (isDone(run)) return '';
    const nodes = this.#moment.nodesOf(run.runId);
    const error = nodes.find((node) => node.error !== null)?.error ?? null;
    if (error !== null) return errorLine(error, width);
    const running = nodes.filter(({ status }) => status === 'RUNNING').map(({ nodeLabel }) => labelWord(nodeLabel));
    return running.length > 0 ? dim(cut(`› ${running.join(', ')}`, width)) : '';
  }
}

/** What is wanted of a list; all of it, if the line that counts what is hidden would take the place of one. */
function unlessOneHidden<Item>(all: readonly Item[], isWanted: (item: Item) => boolean): readonly Item[] {
  const wanted = all.filter(isWanted);
  return all.length - wanted.length === 1 ? all : wanted;
}

function runOf({ run }: FollowedPart): FollowedRun {
  return run;
}

type Counts = ReadonlyMap<string, number>;

/** How many there are by status, without some of them. */
function countsOf<Item extends { readonly status: string }>(
  all: readonly Item[],
  without: readonly Item[] = [],
): Counts {
  const counts = new Map<string, number>();
  for (const [items, step] of [
    [all, 1],
    [without, -1],
  ] as const) {
    for (const { status } of items) {
      const word = status.toLowerCase();
      counts.set(word, (counts.get(word) ?? 0) + step);
    }
  }
  return counts;
}

function isDone({ status }: { readonly status: string }): boolean {
  return status === 'COMPLETED' || status === 'SKIPPED';
}

const URGENCY: readonly string[] = ['COMPLETED', 'CANCELLED', 'UNKNOWN', 'PAUSED', 'RUNNING', 'FAILED'];

function urgencyOf({ status }: FollowedRun): number {
  return URGENCY.indexOf(status);
}
