/**
 * Trees as rows: what stores of dagloupe's own give and take when trees are copied as they are, whatever has happened to them.
 * Events could not tell it: the state machine has no way to a status it does not know, to a child without a parent, to a start
 * without a time. What happens from then on comes in as events, as ever.
 */
import type { NodeKey } from '../model.ts';
import type { AttemptRow, EdgeRow, NodeRow, PayloadRow, RestartRow, RunRow } from './ledger/rows.ts';
import type { MaybePromise } from './store.ts';

/** What a run's reads do not show. */
export interface RunHistory {
  readonly runId: string;
  /** When it got its status. */
  readonly statusAt: number;
  /** Each time it went on after a pause or a failure, in order. */
  readonly restarts: readonly RestartRow[];
  /** The version of its tree. */
  readonly treeVersion: number;
}

/** What a node's reads do not show. */
export interface NodeHistory extends NodeKey {
  readonly attempt: number;
  /** The run's restarts when this attempt began. */
  readonly restart: number;
  /** The attempts before it, in order. */
  readonly earlier: readonly AttemptRow[];
}

/** Rows of one tree to write as they are, over those that are there. */
export interface TreePart {
  readonly rootRunId: string;
  /** The tree's version where it comes from: it gets no smaller one, so that nobody's cursor leads past what he has not seen. */
  readonly version: number;
  readonly runs: readonly RunRow[];
  readonly runPayloads: readonly PayloadRow[];
  /** Only such as are not there. */
  readonly restarts: readonly RestartRow[];
  /** Only such as are not there. */
  readonly attempts: readonly AttemptRow[];
  readonly nodes: readonly NodeRow[];
  readonly nodePayloads: readonly PayloadRow[];
  readonly edges: readonly EdgeRow[];
}

export interface Transfer {
  runHistories(runIds: readonly string[]): MaybePromise<RunHistory[]>;

  /** Of the nodes that were started again, or first after a restart; any other is at its first attempt. */
  nodeHistories(keys: readonly NodeKey[]): MaybePromise<NodeHistory[]>;

  /**
   * Writes parts of trees in one transaction. A tree may come in several parts, in several calls: nothing of a new one is to be seen
   * until its runs are there, so they come last. Gives the roots of the trees that it left alone, since events were recorded in them.
   */
  importTrees(parts: readonly TreePart[]): Promise<readonly string[]>;
}

/** Rows that a store holds and no read shows, as a file of lythonic's can have them. */
export interface LeftOut {
  readonly rows: number;
  /** What they are, in the plural, and why. */
  readonly what: string;
}
