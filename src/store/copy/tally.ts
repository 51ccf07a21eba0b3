import type { TreePart } from '../transfer.ts';

/** Why a tree, or something in it, was not copied. */
export interface Problem {
  readonly code: 'CONFLICT' | 'DOUBLE_EDGES' | 'LEFT_OUT' | 'MISMATCH';
  /** Null where it is of no tree. */
  readonly rootRunId: string | null;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** How far a copy has come. Rows and bytes are those that were written. */
export interface Tally {
  /** How many trees there were to look at when it began. */
  readonly treesInAll: number;
  copied: number;
  unchanged: number;
  failed: number;
  runs: number;
  nodes: number;
  edges: number;
  /** Attempts of nodes that later ones replaced. */
  attempts: number;
  /** Inputs and outputs that were written and read back, and their bytes in UTF-8. */
  payloads: number;
  payloadBytes: number;
  problems: number;
  /** It was told to stop before it was done. */
  isStopped: boolean;
}

export function emptyTally(treesInAll: number): Tally {
  return {
    treesInAll,
    copied: 0,
    unchanged: 0,
    failed: 0,
    runs: 0,
    nodes: 0,
    edges: 0,
    attempts: 0,
    payloads: 0,
    payloadBytes: 0,
    problems: 0,
    isStopped: false,
  };
}

/** Counts what was written. */
export function count(tally: Tally, part: TreePart): void {
  tally.runs += part.runs.length;
  tally.nodes += part.nodes.length;
  tally.edges += part.edges.length;
  tally.attempts += part.attempts.length;
  const payloads = [...part.runPayloads, ...part.nodePayloads, ...part.attempts.map(({ payload }) => payload)];
  for (const text of payloads.flatMap(({ inputJson, outputJson }) => [inputJson, outputJson])) {
    if (text == null) continue;
    tally.payloads += 1;
    tally.payloadBytes += Buffer.byteLength(text);
  }
}
