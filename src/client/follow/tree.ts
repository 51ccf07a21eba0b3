import { type Part, partsByLabel } from '../../expansionKey.ts';
import type {
  ChangedNodeFragment,
  DagRunChangesSubscription,
  FollowedRunFragment,
  NewEdgeFragment,
} from '../gql/graphql.ts';
import type { News } from './news.ts';

/** One event of the subscription. */
export type TreeChange = DagRunChangesSubscription['dagRunChanges'];

export type FollowedRun = Readonly<FollowedRunFragment>;

export type FollowedNode = Readonly<Omit<ChangedNodeFragment, 'run'>> & { readonly runId: string };

export type FollowedEdge = Readonly<Omit<NewEdgeFragment, 'run'>> & { readonly runId: string };

/** One part of a composite node. A restart runs the same part again, as another run. */
export type FollowedPart = Part<FollowedRun>;

/** A run and everything inside it, as far as it was told: always the newest state. */
export interface FollowedTree {
  /** The run that is followed. */
  readonly run: FollowedRun;
  /** All runs of the tree, by runId. */
  readonly runs: ReadonlyMap<string, FollowedRun>;
  /** Whether all runs have ended. */
  readonly ended: boolean;
  /** The nodes of a run in order of start (those not started last), then label. */
  nodesOf(runId: string): FollowedNode[];
  /** The edges of a run that data went along, in order of traversal, then labels. */
  edgesOf(runId: string): FollowedEdge[];
  /** What ran inside a composite node, in order of expansion key. */
  partsOf(runId: string, nodeLabel: string): FollowedPart[];
}

/** A tree that takes changes. Each replaces what it is about, so one that comes twice does no harm. */
export class HeldTree implements FollowedTree {
  readonly runs = new Map<string, FollowedRun>();
  readonly #runId: string;
  readonly #nodes = new Map<string, Map<string, FollowedNode>>();
  readonly #edges = new Map<string, Map<string, FollowedEdge>>();
  readonly #children = new Map<string, Set<string>>();
  /** Parts by the label of their node, for each run that was asked about since its nodes or sub-runs became others. */
  readonly #parts = new Map<string, ReadonlyMap<string | null, readonly Part<FollowedRun>[]>>();

  constructor(runId: string) {
    this.#runId = runId;
  }

  get run(): FollowedRun {
    const run = this.runs.get(this.#runId);
    if (!run) throw new RangeError(`run ${this.#runId} has not come yet`);
    return run;
  }

  /** Whether the run that is followed is there. A large tree comes in parts, and what is inside may come before it. */
  get hasRun(): boolean {
    return this.runs.has(this.#runId);
  }

  get ended(): boolean {
    return this.runs.values().every(({ status }) => status !== 'RUNNING' && status !== 'PAUSED');
  }

  nodesOf(runId: string): FollowedNode[] {
    return [...(this.#nodes.get(runId)?.values() ?? [])].sort(byStart);
  }

  edgesOf(runId: string): FollowedEdge[] {
    return [...(this.#edges.get(runId)?.values() ?? [])].sort(byTraversal);
  }

  partsOf(runId: string, nodeLabel: string): FollowedPart[] {
    const now = (run: FollowedRun): FollowedRun => this.runs.get(run.runId) ?? run;
    const parts = this.#partsIn(runId).get(nodeLabel) ?? [];
    return parts.map(({ key, run, earlierRuns }) => ({ key, run: now(run), earlierRuns: earlierRuns.map(now) }));
  }

  /** Takes what changed, and notes it. */
  apply({ changedRuns, changedNodes, newEdges }: TreeChange, news: News): void {
    for (const run of changedRuns) news.runs.note(run, this.#putRun(run));
    for (const { run, ...rest } of changedNodes) {
      const node = { runId: run.runId, ...rest };
      news.nodes.note(node, this.#putNode(node));
    }
    for (const { run, ...rest } of newEdges) {
      const edge = { runId: run.runId, ...rest };
      news.edges.note(edge, this.#putEdge(edge));
    }
  }

  /** As the other methods that put something, gives what was there before. */
  #putRun(run: FollowedRun): FollowedRun | undefined {
    const { runId, parentRunId, dagNsref, startedAt } = run;
    const before = this.runs.get(runId);
    this.runs.set(runId, run);
    if (before && before.dagNsref === dagNsref && before.parentRunId === parentRunId && before.startedAt === startedAt)
      return before;
    this.#parts.delete(runId);
    for (const parent of [before?.parentRunId, parentRunId]) {
      if (typeof parent === 'string') this.#parts.delete(parent);
    }
    if (before && before.parentRunId !== null) this.#children.get(before.parentRunId)?.delete(runId);
    if (parentRunId !== null) entry(this.#children, parentRunId, () => new Set()).add(runId);
    return before;
  }

  #putNode(node: FollowedNode): FollowedNode | undefined {
    const nodes = entry(this.#nodes, node.runId, () => new Map());
    const before = nodes.get(node.nodeLabel);
    nodes.set(node.nodeLabel, node);
    if (!before) this.#parts.delete(node.runId);
    return before;
  }

  #putEdge(edge: FollowedEdge): FollowedEdge | undefined {
    const edges = entry(this.#edges, edge.runId, () => new Map());
    const key = JSON.stringify([edge.upstreamLabel, edge.downstreamLabel]);
    const before = edges.get(key);
    edges.set(key, edge);
    return before;
  }

  #partsIn(runId: string): ReadonlyMap<string | null, readonly Part<FollowedRun>[]> {
    const run = this.runs.get(runId);
    if (!run) return new Map();
    return entry(this.#parts, runId, () => {
      const children = [...(this.#children.get(runId) ?? [])].map((child) => this.runs.get(child));
      const subRuns = children.filter((child) => child !== undefined);
      return partsByLabel(run.dagNsref, subRuns, this.#nodes.get(runId) ?? new Set());
    });
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function byStart(a: FollowedNode, b: FollowedNode): number {
  return compareTimes(a.startedAt, b.startedAt) || compareUtf8(a.nodeLabel, b.nodeLabel);
}

function byTraversal(a: FollowedEdge, b: FollowedEdge): number {
  return (
    compareTimes(a.traversedAt, b.traversedAt) ||
    compareUtf8(a.upstreamLabel, b.upstreamLabel) ||
    compareUtf8(a.downstreamLabel, b.downstreamLabel)
  );
}

/** Times as the API shows them are all of one length, so they compare as texts. */
function compareTimes(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** The order of UTF-8 bytes, which is the one of the API. That of UTF-16 differs where a text has surrogates. */
function compareUtf8(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return rank(a, at) - rank(b, at);
}

function rank(text: string, at: number): number {
  const unit = at < text.length ? text.charCodeAt(at) : -1;
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
