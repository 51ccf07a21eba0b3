import type { DagRun, EdgeTraversal, IoPayload, NodeExecution, NodeKey } from '../../model.ts';
import type { ChangeSource } from '../feed.ts';
import type { IoSizes, MaybePromise, NodeFilter, RunFilter, Slice, StatusCount, Store } from '../store.ts';
import type { Connection } from './connection.ts';
import * as edges from './edges.ts';
import * as nodes from './nodes.ts';
import * as payloads from './payloads.ts';
import { runPage } from './runPage.ts';
import * as runs from './runs.ts';

/** What a store only reads. */
export type Reads = Omit<
  Store,
  'kind' | 'location' | 'capabilities' | 'record' | 'check' | 'close' | 'treeCursors' | keyof ChangeSource
>;

/** How a back end has a read done: on which connection, what to do when it meets a lock, or after it has looked for news. */
export type Look = <T>(read: (db: Connection) => T) => MaybePromise<T>;

/**
 * The reads of the contract over a SQLite connection. The owned file has tables of the names that the statements use;
 * over a foreign file, temporary tables and views of those names stand in for them.
 */
export class EmbeddedReads implements Reads {
  readonly #look: Look;

  constructor(look: Look) {
    this.#look = look;
  }

  runsByIds(runIds: readonly string[]): MaybePromise<DagRun[]> {
    return this.#look((db) => runs.runsByIds(db, runIds));
  }

  runPage(filter: RunFilter, slice: Slice): MaybePromise<DagRun[]> {
    return this.#look((db) => runPage(db, filter, slice));
  }

  childPages(parentRunIds: readonly string[], slice: Slice): MaybePromise<DagRun[]> {
    return this.#look((db) => runs.childPages(db, parentRunIds, slice));
  }

  childrenOf(parentRunIds: readonly string[], limit: number): MaybePromise<DagRun[]> {
    return this.#look((db) => runs.childrenOf(db, parentRunIds, limit));
  }

  descendantPages(
    ancestors: readonly DagRun[],
    slice: Slice,
  ): MaybePromise<(DagRun & { readonly ancestorId: string })[]> {
    return this.#look((db) => runs.descendantPages(db, ancestors, slice));
  }

  childCounts(keys: readonly NodeKey[]): MaybePromise<(NodeKey & StatusCount)[]> {
    return this.#look((db) => runs.childCounts(db, keys));
  }

  latestUpdates(runIds: readonly string[]): MaybePromise<{ runId: string; latestUpdate: number }[]> {
    return this.#look((db) => runs.latestUpdates(db, runIds));
  }

  nodesByRuns(runIds: readonly string[], filter: NodeFilter, limit: number): MaybePromise<NodeExecution[]> {
    return this.#look((db) => nodes.nodesByRuns(db, runIds, filter, limit));
  }

  nodesByKeys(keys: readonly NodeKey[]): MaybePromise<NodeExecution[]> {
    return this.#look((db) => nodes.nodesByKeys(db, keys));
  }

  nodeLabels(runIds: readonly string[], limit: number): MaybePromise<NodeKey[]> {
    return this.#look((db) => nodes.nodeLabels(db, runIds, limit));
  }

  nodeCounts(runIds: readonly string[]): MaybePromise<({ runId: string } & StatusCount)[]> {
    return this.#look((db) => nodes.nodeCounts(db, runIds));
  }

  edgesByRuns(runIds: readonly string[], limit: number): MaybePromise<EdgeTraversal[]> {
    return this.#look((db) => edges.edgesByRuns(db, runIds, limit));
  }

  runPayloads(runIds: readonly string[], most?: number): MaybePromise<({ runId: string } & IoPayload)[]> {
    return this.#look((db) => payloads.runPayloads(db, runIds, most));
  }

  nodePayloads(keys: readonly NodeKey[], most?: number): MaybePromise<(NodeKey & IoPayload)[]> {
    return this.#look((db) => payloads.nodePayloads(db, keys, most));
  }

  runPayloadSizes(runIds: readonly string[]): MaybePromise<({ runId: string } & IoSizes)[]> {
    return this.#look((db) => payloads.runPayloadSizes(db, runIds));
  }

  nodePayloadSizes(keys: readonly NodeKey[]): MaybePromise<(NodeKey & IoSizes)[]> {
    return this.#look((db) => payloads.nodePayloadSizes(db, keys));
  }
}
