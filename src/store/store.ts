/**
 * The contract between the API and a back end: one way in, batched reads out.
 *
 * Terms
 * - Reads take many keys and give the rows of all of them in one list, so that a loader only has to sort them out.
 *   A key without rows is simply absent; asking for a missing run is no error.
 * - A read gives a value or a promise: an embedded file answers at once, a database server does not.
 * - Reads that could give any number of rows take `limit` and throw LIMIT_EXCEEDED when there are more: nobody gets a part for the whole.
 * - A place is where a run stands in an order by start; cursors of lists are made of it.
 */
import type { DagRun, EdgeTraversal, EventSink, IoPayload, NodeExecution, NodeKey } from '../model.ts';
import type { ChangeSource } from './feed.ts';
import type { LeftOut, Transfer } from './transfer.ts';

export type MaybePromise<T> = T | Promise<T>;

/** What a store can do. Tests and the API ask this, never which back end it is. */
export interface Capabilities {
  /** False: `record` rejects with READ_ONLY_STORE. */
  readonly writable: boolean;
}

/** A run's place in an order by start, then id. */
export interface Place {
  readonly startedAt: number;
  readonly runId: string;
}

/** A slice of an ordered list: at most `limit` runs between two places, both exclusive, from one of its ends. */
export interface Slice {
  readonly limit: number;
  readonly after?: Place | undefined;
  readonly before?: Place | undefined;
  /** Take the last ones of the list instead of the first; they still come in the list's order. */
  readonly fromEnd?: boolean | undefined;
}

/** All given conditions hold. */
export interface TextFilter {
  readonly eq?: string | undefined;
  readonly in?: readonly string[] | undefined;
  readonly startsWith?: string | undefined;
}

/** All given conditions hold. Without any: every run. */
export interface RunFilter {
  /** Any of these. */
  readonly statuses?: readonly string[] | undefined;
  /** With `statuses`: also those whose status is none of RUN_STATUSES. */
  readonly unknownStatus?: boolean | undefined;
  readonly dagNsref?: TextFilter | undefined;
  readonly initiatedBy?: TextFilter | undefined;
  /** `roots`: runs without parent; an id: its direct children; absent: any. */
  readonly parent?: 'roots' | { readonly runId: string } | undefined;
  /** Inclusive bound on the start. */
  readonly startedFrom?: number | undefined;
  /** Exclusive bound on the start. */
  readonly startedUntil?: number | undefined;
}

/** All given conditions hold. */
export interface NodeFilter {
  readonly labels?: readonly string[] | undefined;
  /** Any of these. */
  readonly statuses?: readonly string[] | undefined;
  /** With `statuses`: also those whose status is none of NODE_STATUSES. */
  readonly unknownStatus?: boolean | undefined;
  /** Nodes that started or finished at this time or later. */
  readonly changedFrom?: number | undefined;
}

/** How many nodes of a run, or children of a node, have a status. */
export interface StatusCount {
  readonly status: string;
  readonly count: number;
}

/** Sizes of raw JSON texts in UTF-8 bytes; null where there is none. */
export interface IoSizes {
  readonly inputBytes: number | null;
  readonly outputBytes: number | null;
}

export interface Store extends EventSink, ChangeSource {
  /** The back end's name, to show and to log. */
  readonly kind: string;
  /** Which file or database it is, without secrets. */
  readonly location: string;
  readonly capabilities: Capabilities;
  /** The same store, read where all that was written is to be seen at once; without it, that is so anyway. */
  readonly upToDate?: Store;
  /** Trees as rows, to be copied; a store without it is copied by what its reads show, and takes none. */
  readonly transfer?: Transfer;

  runsByIds(runIds: readonly string[]): MaybePromise<DagRun[]>;

  /** A slice of all runs that pass the filter, newest first by start, then id. */
  runPage(filter: RunFilter, slice: Slice): MaybePromise<DagRun[]>;

  /** For each parent the same slice of its direct sub-runs, oldest first by start, then id. */
  childPages(parentRunIds: readonly string[], slice: Slice): MaybePromise<DagRun[]>;

  /** All direct sub-runs of these runs, in no order. */
  childrenOf(parentRunIds: readonly string[], limit: number): MaybePromise<DagRun[]>;

  /** For each run the same slice of its sub-runs at every depth, oldest first by start, then id; `ancestorId` says of which run. */
  descendantPages(runs: readonly DagRun[], slice: Slice): MaybePromise<(DagRun & { readonly ancestorId: string })[]>;

  /**
   * How many direct sub-runs each node has, by status. A sub-run belongs to the node with the longest label that its
   * expansion key begins with, followed by `[` or `/`.
   */
  childCounts(keys: readonly NodeKey[]): MaybePromise<(NodeKey & StatusCount)[]>;

  /** Nodes of these runs that pass the filter; of each run in order of start (those not started last), then label in UTF-8 order. */
  nodesByRuns(runIds: readonly string[], filter: NodeFilter, limit: number): MaybePromise<NodeExecution[]>;

  nodesByKeys(keys: readonly NodeKey[]): MaybePromise<NodeExecution[]>;

  /** The labels of all nodes of these runs. */
  nodeLabels(runIds: readonly string[], limit: number): MaybePromise<NodeKey[]>;

  nodeCounts(runIds: readonly string[]): MaybePromise<({ readonly runId: string } & StatusCount)[]>;

  /** Edges of these runs; of each run in order of traversal, then labels. */
  edgesByRuns(runIds: readonly string[], limit: number): MaybePromise<EdgeTraversal[]>;

  /** For each run the newest time in it: its own, its nodes', its edges'. */
  latestUpdates(runIds: readonly string[]): MaybePromise<{ readonly runId: string; readonly latestUpdate: number }[]>;

  /** Source inputs and sink outputs. Those that have, together, more UTF-8 bytes than `most` are left out, and are not read. */
  runPayloads(runIds: readonly string[], most?: number): MaybePromise<({ readonly runId: string } & IoPayload)[]>;

  /** As `runPayloads`, of nodes. */
  nodePayloads(keys: readonly NodeKey[], most?: number): MaybePromise<(NodeKey & IoPayload)[]>;

  /** As `runPayloads`, without reading the texts. */
  runPayloadSizes(runIds: readonly string[]): MaybePromise<({ readonly runId: string } & IoSizes)[]>;

  /** As `nodePayloads`, without reading the texts. */
  nodePayloadSizes(keys: readonly NodeKey[]): MaybePromise<(NodeKey & IoSizes)[]>;

  /**
   * For each of these runs, as it was just read, the place in its tree's changes that `treeChanges` goes on from: what changes in the
   * run from then on, and in what is read after this, comes after it. Runs whose tree is gone are left out.
   */
  treeCursors(runs: readonly DagRun[]): MaybePromise<{ readonly runId: string; readonly cursor: string }[]>;

  /** Rows that it holds and no read shows. Goes through all of them. */
  leftOut?(): MaybePromise<LeftOut[]>;

  /** Cheap proof that the store can answer; throws a fault if it cannot. */
  check(): MaybePromise<void>;

  /** Waits for what was accepted to be on disk, then lets go of everything. */
  close(): Promise<void>;
}
