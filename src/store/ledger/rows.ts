import type { DagRun, EdgeTraversal, NodeExecution, NodeKey } from '../../model.ts';

/** A run as an owned store keeps it. */
export interface RunRow extends DagRun {
  /** When it got its status. */
  readonly statusAt: number;
  /** How often it went on after a pause or a failure. */
  readonly restarts: number;
}

/** A node's newest attempt, as an owned store keeps it. */
export interface NodeRow extends NodeExecution {
  readonly rootRunId: string;
  /** 1, and one more for each start after a restart. */
  readonly attempt: number;
  /** The run's restarts when this attempt began. */
  readonly restart: number;
}

export interface EdgeRow extends EdgeTraversal {
  readonly rootRunId: string;
}

/** What a run left behind when it went on. */
export interface RestartRow {
  readonly runId: string;
  readonly restart: number;
  readonly leftStatus: string;
  readonly leftStatusAt: number;
  readonly restartedAt: number;
}

/** An attempt that a later one replaced; its payload as far as it is known without the store. */
export interface AttemptRow extends NodeRow {
  readonly payload: PayloadRow;
}

/** Payload texts to write; undefined: as the store has it. For a run: source inputs and sink outputs. */
export interface PayloadRow extends NodeKey {
  readonly inputJson: string | null | undefined;
  readonly outputJson: string | null | undefined;
}

/** A node's key as one text. Labels may hold anything, so the run's id is told apart by its length. */
export function nodeKey({ runId, nodeLabel }: NodeKey): string {
  return `${runId.length}:${runId}${nodeLabel}`;
}

/** As `nodeKey`, of an edge. */
export function edgeKey(edge: Omit<EdgeTraversal, 'traversedAt'>): string {
  return `${edge.runId.length}:${edge.runId}${edgeName(edge)}`;
}

/** What an edge is known by in its run. */
export function edgeName({ upstreamLabel, downstreamLabel }: Omit<EdgeTraversal, 'runId' | 'traversedAt'>): string {
  return `${upstreamLabel.length}:${upstreamLabel}${downstreamLabel}`;
}

/** What a restart is known by in its run. */
export function restartName(restart: number): string {
  return String(restart);
}

/** What an attempt is known by in its run. */
export function attemptName(attempt: number, nodeLabel: string): string {
  return `${attempt}:${nodeLabel}`;
}
