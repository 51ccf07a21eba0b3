import type { DagRun, EdgeTraversal, IoPayload, NodeExecution, NodeKey } from '../../model.ts';
import type { ChangeSource } from '../feed.ts';
import type { IoSizes, NodeFilter, RunFilter, Slice, StatusCount, Store } from '../store.ts';
import { treeCursors } from './changes.ts';
import * as edges from './edges.ts';
import * as nodes from './nodes.ts';
import * as payloads from './payloads.ts';
import { runPage } from './runPage.ts';
import * as runs from './runs.ts';
import type { Session } from './session.ts';

/** What a store only reads. */
type Reads = Omit<Store, 'kind' | 'location' | 'capabilities' | 'record' | 'check' | 'close' | keyof ChangeSource>;

/** The reads of the contract over a connection. `Look` has them done. */
export class PostgresReads implements Reads {
  readonly #look: Look;

  constructor(look: Look) {
    this.#look = look;
  }

  runsByIds(runIds: readonly string[]): Promise<DagRun[]> {
    return this.#look((session) => runs.runsByIds(session, runIds));
  }

  runPage(filter: RunFilter, slice: Slice): Promise<DagRun[]> {
    return this.#look((session) => runPage(session, filter, slice));
  }

  childPages(parentRunIds: readonly string[], slice: Slice): Promise<DagRun[]> {
    return this.#look((session) => runs.childPages(session, parentRunIds, slice));
  }

  childrenOf(parentRunIds: readonly string[], limit: number): Promise<DagRun[]> {
    return this.#look((session) => runs.childrenOf(session, parentRunIds, limit));
  }

  descendantPages(ancestors: readonly DagRun[], slice: Slice): Promise<(DagRun & { readonly ancestorId: string })[]> {
    return this.#look((session) => runs.descendantPages(session, ancestors, slice));
  }

  childCounts(keys: readonly NodeKey[]): Promise<(NodeKey & StatusCount)[]> {
    return this.#look((session) => runs.childCounts(session, keys));
  }

  latestUpdates(runIds: readonly string[]): Promise<{ runId: string; latestUpdate: number }[]> {
    return this.#look((session) => runs.latestUpdates(session, runIds));
  }

  nodesByRuns(runIds: readonly string[], filter: NodeFilter, limit: number): Promise<NodeExecution[]> {
    return this.#look((session) => nodes.nodesByRuns(session, runIds, filter, limit));
  }

  nodesByKeys(keys: readonly NodeKey[]): Promise<NodeExecution[]> {
    return this.#look((session) => nodes.nodesByKeys(session, keys));
  }

  nodeLabels(runIds: readonly string[], limit: number): Promise<NodeKey[]> {
    return this.#look((session) => nodes.nodeLabels(session, runIds, limit));
  }

  nodeCounts(runIds: readonly string[]): Promise<({ runId: string } & StatusCount)[]> {
    return this.#look((session) => nodes.nodeCounts(session, runIds));
  }

  edgesByRuns(runIds: readonly string[], limit: number): Promise<EdgeTraversal[]> {
    return this.#look((session) => edges.edgesByRuns(session, runIds, limit));
  }

  runPayloads(runIds: readonly string[], most?: number): Promise<({ runId: string } & IoPayload)[]> {
    return this.#look((session) => payloads.runPayloads(session, runIds, most));
  }

  nodePayloads(keys: readonly NodeKey[], most?: number): Promise<(NodeKey & IoPayload)[]> {
    return this.#look((session) => payloads.nodePayloads(session, keys, most));
  }

  runPayloadSizes(runIds: readonly string[]): Promise<({ runId: string } & IoSizes)[]> {
    return this.#look((session) => payloads.runPayloadSizes(session, runIds));
  }

  nodePayloadSizes(keys: readonly NodeKey[]): Promise<(NodeKey & IoSizes)[]> {
    return this.#look((session) => payloads.nodePayloadSizes(session, keys));
  }

  treeCursors(told: readonly DagRun[]): Promise<{ runId: string; cursor: string }[]> {
    return this.#look((session) => treeCursors(session, told));
  }
}

/** How a back end has a read done: over which connection, and what it does when that is lost. */
export type Look = <T>(read: (session: Session) => Promise<T>) => Promise<T>;
