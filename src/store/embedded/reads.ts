import type { DagRun, EdgeTraversal, IoPayload, NodeExecution, NodeKey } from '../../model.ts';
import type { IoSizes, NodeFilter, RunFilter, Slice, StatusCount, Store } from '../store.ts';
import type { Connection } from './connection.ts';
import * as edges from './edges.ts';
import * as nodes from './nodes.ts';
import * as payloads from './payloads.ts';
import * as runs from './runs.ts';

/** What a store only reads. */
export type Reads = Omit<Store, 'kind' | 'location' | 'capabilities' | 'record' | 'check' | 'close'>;

/**
 * The reads of the contract over one SQLite connection. The owned file has tables of the names that the statements use;
 * over a foreign file, temporary tables and views of those names stand in for them.
 */
export class EmbeddedReads implements Reads {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  runsByIds(runIds: readonly string[]): DagRun[] {
    return runs.runsByIds(this.#db, runIds);
  }

  runPage(filter: RunFilter, slice: Slice): DagRun[] {
    return runs.runPage(this.#db, filter, slice);
  }

  childPages(parentRunIds: readonly string[], slice: Slice): DagRun[] {
    return runs.childPages(this.#db, parentRunIds, slice);
  }

  childrenOf(parentRunIds: readonly string[], limit: number): DagRun[] {
    return runs.childrenOf(this.#db, parentRunIds, limit);
  }

  descendantPages(ancestors: readonly DagRun[], slice: Slice): (DagRun & { readonly ancestorId: string })[] {
    return runs.descendantPages(this.#db, ancestors, slice);
  }

  childCounts(keys: readonly NodeKey[]): (NodeKey & StatusCount)[] {
    return runs.childCounts(this.#db, keys);
  }

  latestUpdates(runIds: readonly string[]): { runId: string; latestUpdate: number }[] {
    return runs.latestUpdates(this.#db, runIds);
  }

  nodesByRuns(runIds: readonly string[], filter: NodeFilter, limit: number): NodeExecution[] {
    return nodes.nodesByRuns(this.#db, runIds, filter, limit);
  }

  nodesByKeys(keys: readonly NodeKey[]): NodeExecution[] {
    return nodes.nodesByKeys(this.#db, keys);
  }

  nodeLabels(runIds: readonly string[], limit: number): NodeKey[] {
    return nodes.nodeLabels(this.#db, runIds, limit);
  }

  nodeCounts(runIds: readonly string[]): ({ runId: string } & StatusCount)[] {
    return nodes.nodeCounts(this.#db, runIds);
  }

  edgesByRuns(runIds: readonly string[], limit: number): EdgeTraversal[] {
    return edges.edgesByRuns(this.#db, runIds, limit);
  }

  runPayloads(runIds: readonly string[]): ({ runId: string } & IoPayload)[] {
    return payloads.runPayloads(this.#db, runIds);
  }

  nodePayloads(keys: readonly NodeKey[]): (NodeKey & IoPayload)[] {
    return payloads.nodePayloads(this.#db, keys);
  }

  runPayloadSizes(runIds: readonly string[]): ({ runId: string } & IoSizes)[] {
    return payloads.runPayloadSizes(this.#db, runIds);
  }

  nodePayloadSizes(keys: readonly NodeKey[]): (NodeKey & IoSizes)[] {
    return payloads.nodePayloadSizes(this.#db, keys);
  }
}
