import type { NodeKey } from '../../model.ts';

/** Keys of nodes, each once. */
export class NodeKeys {
  readonly all: NodeKey[] = [];
  readonly #labels = new Map<string, Set<string>>();

  add(runId: string, nodeLabel: string): void {
    const known = this.#labels.get(runId);
    if (known?.has(nodeLabel)) return;
    if (known) known.add(nodeLabel);
    else this.#labels.set(runId, new Set([nodeLabel]));
    this.all.push({ runId, nodeLabel });
  }
}
