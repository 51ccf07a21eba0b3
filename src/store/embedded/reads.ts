import type { DagRun, EdgeTraversal, IoPayload, NodeExecution, NodeKey } from '../../model.ts';
import type { IoSizes, MaybePromise, NodeFilter, RunFilter, Slice, StatusCount, Store } from '../store.ts';
import type { Connection } from './connection.ts';
import * as edges from './edges.ts';
import * as nodes from './nodes.ts';
import * as payloads from './payloads.ts';
import * as runs from './runs.ts';

/** What a store only reads. */
export type Reads = Omit<Store, 'kind' | 'location' | 'capabilities' | 'record' | 'check' | 'close'>;

/** How a back end has a read done: when it meets a lock, say, or after it has looked for news. */
export type Look = <T>(read: () => T) => MaybePromise<T>;

/**
 * The reads of the contract over one SQLite connection. The owned file has tables of the names that the statements use;
 * over a foreign file, temporary tables and views of those names stand in for them.
 */
export class EmbeddedReads implements Reads {
  readonly #db: Connection;
  readonly #look: Look;

  constructor(db: Connection, look: Look) {
    this.#db = db;
    this.#look = look;
  }

  runsByIds(runIds: readonly string[]): MaybePromise<DagRun[]> {
    return this.#look(() => runs.runsByIds(this.#db, runIds));
  }

  runPage(filter: RunFilter, slice: Slice): MaybePromise<DagRun[]> {
    return this.#look(() => runs.runPage(this.#db, filter, slice));
  }

  childPages(parentRunIds: readonly string[], slice: Slice): MaybePromise<DagRun[]> {
    return this.#look(() => runs.childPages(this.#db, parentRunIds, slice));
  }

  childrenOf(parentRunIds: readonly string[], limit: number): MaybePromise<DagRun[]> {
    return this.#look(() => runs.childrenOf(this.#db, parentRunIds, limit));
  }

  descendantPages(
    ancestors: readonly DagRun[],
    slice: Slice,
  ): MaybePromise<(DagRun & { readonly ancestorId: string })[]> {
    return this.#look(() => runs.descendantPages(this.#db, ancestors, slice));
  }

  childCounts(keys: readonly NodeKey[]): MaybePromise<(NodeKey & StatusCount)[]> {
    return this.#look(() => runs.childCounts(this.#db, keys));
  }

  latestUpdates(runIds: readonly string[]): MaybePromise<{ runId: string; latestUpdate: number }[]> {
    return this.#look(() => runs.latestUpdates(this.#db, runIds));
  }

  nodesByRuns(runIds: readonly string[], filter: NodeFilter, limit: number): MaybePromise<NodeExecution[]> {
    return this.#look(() => nodes.nodesByRuns(this.#db, runIds, filter, limit));
  }

  nodesByKeys(keys: readonly NodeKey[]): MaybePromise<NodeExecution[]> {
    return this.#look(() => nodes.nodesByKeys(this.#db, keys));
  }

  nodeLabels(runIds: readonly string[], limit: number): MaybePromise<NodeKey[]> {
    return this.#look(() => nodes.nodeLabels(this.#db, runIds, limit));
  }

  nodeCounts(runIds: readonly string[]): MaybePromise<({ runId: string } & StatusCount)[]> {
    return this.#look(() => nodes.nodeCounts(this.#db, runIds));
  }

  edgesByRuns(runIds: readonly string[], limit: number): MaybePromise<EdgeTraversal[]> {
    return this.#look(() => edges.edgesByRuns(this.#db, runIds, limit));
  }

  runPayloads(runIds: readonly string[]): MaybePromise<({ runId: string } & IoPayload)[]> {
    return this.#look(() => payloads.runPayloads(this.#db, runIds));
  }

  nodePayloads(keys: readonly NodeKey[]): MaybePromise<(NodeKey & IoPayload)[]> {
    return this.#look(() => payloads.nodePayloads(this.#db, keys));
  }

  runPayloadSizes(runIds: readonly string[]): MaybePromise<({ runId: string } & IoSizes)[]> {
    return this.#look(() => payloads.runPayloadSizes(this.#db, runIds));
  }

  nodePayloadSizes(keys: readonly NodeKey[]): MaybePromise<(NodeKey & IoSizes)[]> {
    return this.#look(() => payloads.nodePayloadSizes(this.#db, keys));
  }
}
