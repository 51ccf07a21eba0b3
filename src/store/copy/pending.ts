import type { AttemptRow, EdgeRow, NodeRow, PayloadRow, RestartRow, RunRow } from '../ledger/rows.ts';
import type { TreePart } from '../transfer.ts';

/** How much is written at once: what is larger by itself is written by itself. */
const MAX_ROWS = 5_000;
const MAX_BYTES = 8 * 1024 * 1024;

type Part = {
  -readonly [Name in keyof TreePart]: TreePart[Name] extends readonly (infer Row)[] ? Row[] : TreePart[Name];
};

/** Rows that are to be written, by their trees. */
export class Pending {
  readonly #parts = new Map<string, Part>();
  #rows = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#rows >= MAX_ROWS || this.#bytes >= MAX_BYTES;
  }

  addRun(run: RunRow, restarts: readonly RestartRow[]): void {
    const part = this.#partOf(run.rootRunId);
    part.runs.push(run);
    part.restarts.push(...restarts);
    this.#rows += 1 + restarts.length;
  }

  addRunPayload(rootRunId: string, payload: PayloadRow): void {
    this.#partOf(rootRunId).runPayloads.push(payload);
    this.#count(payload);
  }

  addNode(node: NodeRow, payload: PayloadRow, attempts: readonly AttemptRow[]): void {
    const part = this.#partOf(node.rootRunId);
    part.nodes.push(node);
    part.nodePayloads.push(payload);
    this.#count(payload);
    this.#bytes += node.error?.length ?? 0;
    for (const attempt of attempts) {
      part.attempts.push({ ...attempt, rootRunId: node.rootRunId });
      this.#count(attempt.payload);
    }
  }

  addEdge(edge: EdgeRow): void {
    this.#partOf(edge.rootRunId).edges.push(edge);
    this.#rows += 1;
  }

  /** Gives all parts, each with the version of its tree in the source, and begins anew. */
  take(versionOf: (rootRunId: string) => number): TreePart[] {
    const parts = [...this.#parts.values()].map((part) => ({ ...part, version: versionOf(part.rootRunId) }));
    this.#parts.clear();
    this.#rows = 0;
    this.#bytes = 0;
    return parts;
  }

  #count({ inputJson, outputJson }: PayloadRow): void {
    this.#rows += 2;
    this.#bytes += (inputJson?.length ?? 0) + (outputJson?.length ?? 0);
  }

  #partOf(rootRunId: string): Part {
    let part = this.#parts.get(rootRunId);
    if (!part) {
      part = {
        rootRunId,
        version: 0,
        runs: [],
        runPayloads: [],
        restarts: [],
        attempts: [],
        nodes: [],
        nodePayloads: [],
        edges: [],
      };
      this.#parts.set(rootRunId, part);
    }
    return part;
  }
}
