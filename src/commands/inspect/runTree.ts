import {
  type NodePartsFragment,
  NodesOfRunsDocument,
  RunHeaderDocument,
  type RunHeaderFragment,
  type SubDagHeaderFragment,
} from '../../client/gql/graphql.ts';
import type { Ask } from './ask.ts';

/** A run with everything inside it. */
export interface RunTree extends RunHeaderFragment {
  nodes: NodeTree[];
}

export interface NodeTree extends Omit<NodePartsFragment, 'subDags' | 'unfinished'> {
  /** Of a wide fan-out that was folded, the first of those that did not complete. */
  readonly subDags: SubDagTree[];
}

export interface SubDagTree {
  readonly key: string;
  readonly run: RunTree;
  readonly earlierRuns: RunTree[];
}

/** What of a run is read. */
export interface Parts {
  /** A node with more sub-DAGs than this shows only those that did not complete, and of them at most so many. */
  readonly foldAbove?: number | undefined;
  /** The inputs and outputs of all nodes too. */
  readonly withIo?: boolean | undefined;
}

/** How many runs are asked for at once, so that no answer grows with the file. */
const BATCH = 200;

/** More sub-DAGs than any node has. */
const ALL = 2 ** 31 - 2;

/**
 * Reads a run and what ran inside it, one level of nesting after the other. Null if there is no such run.
 */
export async function loadRunTree(ask: Ask, runId: string, parts: Parts = {}): Promise<RunTree | null> {
  const { dagRun } = await ask(RunHeaderDocument, { runId });
  if (!dagRun) return null;

  const found = new Map<string, RunTree>();
  const root = toTree(dagRun, found);
  let level = [root];
  while (level.length > 0) {
    const met = found.size;
    for (let start = 0; start < level.length; start += BATCH) {
      await addNodes(ask, level.slice(start, start + BATCH), found, parts);
    }
    level = [...found.values()].slice(met);
  }
  return root;
}

async function addNodes(ask: Ask, runs: RunTree[], found: Map<string, RunTree>, parts: Parts): Promise<void> {
  const { foldAbove = ALL, withIo = false } = parts;
  const { nodes: answers } = await ask(NodesOfRunsDocument, {
    ids: runs.map(({ id }) => id),
    width: foldAbove + 1,
    folded: foldAbove < ALL,
    withIo,
  });
  for (const [index, run] of runs.entries()) {
    const answer = answers[index];
    if (answer && 'nodes' in answer) run.nodes = answer.nodes.map((node) => toNode(node, found, foldAbove));
  }
}

function toNode({ unfinished, ...node }: NodePartsFragment, found: Map<string, RunTree>, foldAbove: number): NodeTree {
  const isWide = node.subDags.length > foldAbove;
  const shown = isWide && unfinished ? unfinished.slice(0, foldAbove) : node.subDags;
  return { ...node, subDags: shown.flatMap((subDag) => toSubDag(subDag, found)) };
}

/** None for a run that is shown already: a file that others wrote may hold a run inside itself. */
function toSubDag({ key, run, earlierRuns }: SubDagHeaderFragment, found: Map<string, RunTree>): SubDagTree[] {
  if (found.has(run.runId)) return [];
  return [{ key, run: toTree(run, found), earlierRuns: earlierRuns.map((earlier) => toTree(earlier, found)) }];
}

function toTree(header: RunHeaderFragment, found: Map<string, RunTree>): RunTree {
  const tree = { ...header, nodes: [] };
  found.set(header.runId, tree);
  return tree;
}
