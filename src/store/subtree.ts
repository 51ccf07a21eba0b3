import type { TreeChanges } from './feed.ts';
import type { Store } from './store.ts';

/** One run of a tree and everything inside it. Who has whom inside never changes, so it is looked up once. */
export class Subtree {
  readonly #store: Store;
  readonly #inside: Map<string, boolean>;

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#inside = new Map([[runId, true]]);
  }

  /** What of the changes is inside. */
  async within(changes: TreeChanges): Promise<Pick<TreeChanges, 'runs' | 'nodes' | 'edges'>> {
    const parents = new Map([...changes.runs, ...changes.around].map(({ runId, parentRunId }) => [runId, parentRunId]));
    const rows = [...changes.runs, ...changes.nodes, ...changes.edges];
    await this.#place(new Set(rows.map(({ runId }) => runId)), parents);
    const isInside = ({ runId }: { readonly runId: string }): boolean => this.#inside.get(runId) === true;
    return {
      runs: changes.runs.filter(isInside),
      nodes: changes.nodes.filter(isInside),
      edges: changes.edges.filter(isInside),
    };
  }

  /** Finds out of each run whether it is inside, climbing level by level to one of which it is known. */
  async #place(runIds: Iterable<string>, parents: Map<string, string | null>): Promise<void> {
    let unknown = new Set(runIds);
    while (unknown.size > 0) {
      const missing = [...unknown].filter((runId) => !this.#inside.has(runId) && !parents.has(runId));
      for (const runId of missing) parents.set(runId, null);
      const found = missing.length > 0 ? await this.#store.runsByIds(missing) : [];
      for (const { runId, parentRunId } of found) parents.set(runId, parentRunId);
      const above = [...unknown].map((runId) => parents.get(runId) ?? null).filter((parent) => parent !== null);
      unknown = new Set(above.filter((parent) => !this.#inside.has(parent) && !parents.has(parent)));
    }
    for (const runId of runIds) this.#settle(runId, parents);
  }

  #settle(runId: string, parents: ReadonlyMap<string, string | null>): void {
    const path = new Set<string>();
    let at: string | null = runId;
    while (at !== null && !this.#inside.has(at) && !path.has(at)) {
      path.add(at);
      at = parents.get(at) ?? null;
    }
    const isInside = at !== null && this.#inside.get(at) === true;
    for (const passed of path) this.#inside.set(passed, isInside);
  }
}
