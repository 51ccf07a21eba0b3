import { setImmediate as breathe } from 'node:timers/promises';
import type { NodeExecution } from '../../model.ts';
import { type NodeRow, nodeKey, type PayloadRow } from '../ledger/rows.ts';
import type { IoSizes } from '../store.ts';
import { groups, slices } from './groups.ts';
import {
  areSameSizes,
  edgesByKey,
  imagesOfNodes,
  imagesOfRuns,
  isSameNode,
  isSameRun,
  isSameState,
  type NodeImage,
  type RunImage,
} from './images.ts';
import type { Job } from './job.ts';
import { Pending } from './pending.ts';
import { count, type Problem } from './tally.ts';
import { runsOfTrees, type Tree } from './trees.ts';
import { differingTrees, isSamePayload, printOfEdges } from './verify.ts';

/** How many runs, nodes and bytes of payloads are read at once. */
const RUNS = 500;
const NODES = 1_000;
const BYTES = 4 * 1024 * 1024;
/** More than there are: a row of each is small. */
const ALL = 1_000_000_000;

/** Brings some trees up to date in the target: compares both sides, writes what differs, reads it back. */
export class Batch {
  readonly #job: Job;
  readonly #trees: readonly Tree[];
  readonly #rootOf = new Map<string, string>();
  readonly #runs = new Map<string, RunImage>();
  readonly #nodesOf = new Map<string, number>();
  readonly #edgesOf = new Map<string, string>();
  readonly #pending = new Pending();
  readonly #written = new Set<string>();
  readonly #failed = new Set<string>();

  constructor(job: Job, trees: readonly Tree[]) {
    this.#job = job;
    this.#trees = trees;
    for (const run of trees.flat()) this.#rootOf.set(run.runId, run.rootRunId);
  }

  /** Goes as far as it may. What has not got its runs then is not to be seen, and the next copy goes on from it. */
  async copy(): Promise<void> {
    const { source, target, signal, tally } = this.#job;
    const there = new Map<string, RunImage>();
    for (const runs of slices(this.#trees.flat(), RUNS)) {
      await breathe();
      for (const [runId, image] of await imagesOfRuns(source, runs)) this.#runs.set(runId, image);
      const found = await target.runsByIds(runs.map(({ runId }) => runId));
      for (const [runId, image] of await imagesOfRuns(target, found)) there.set(runId, image);
    }
    await this.#findConflicts(there);
    const chunks = await this.#chunks();
    for (const runIds of chunks) {
      // Stores in files answer at once: without a pause no signal would be heard, and no file be let go of.
      await breathe();
      if (signal?.aborted) return;
      await this.#copyNodes(runIds);
      await this.#copyEdges(runIds);
    }
    await this.#copyRuns(there);
    for (const runIds of chunks) await this.#verify(runIds);
    for (const [{ runId }] of this.#trees) {
      if (this.#failed.has(runId)) tally.failed += 1;
      else if (this.#written.has(runId)) tally.copied += 1;
      else tally.unchanged += 1;
    }
    this.#job.onProgress();
  }

  async #findConflicts(there: ReadonlyMap<string, RunImage>): Promise<void> {
    for (const [runId, { row }] of there) {
      const mine = this.#runs.get(runId)?.row;
      if (!mine) continue;
      if (!isSameRun(mine, row)) this.#fail(mine.rootRunId, `another run has the id ${runId} there`);
      else if (row.restarts > mine.restarts) this.#fail(mine.rootRunId, `run ${runId} was restarted there`);
    }
    const tops = this.#trees.map(([top]) => top).filter(({ runId }) => there.has(runId) && !this.#failed.has(runId));
    if (tops.length === 0) return;
    for (const { runId, rootRunId } of await runsOfTrees(this.#job.target, tops)) {
      if (!this.#runs.has(runId)) this.#fail(rootRunId, `it has run ${runId} there, and not in the source`);
    }
  }

  /** Runs whose nodes are read together; one with many nodes by itself. */
  async #chunks(): Promise<string[][]> {
    const runIds = [...this.#runs.keys()];
    const nodes = new Map<string, number>();
    for (const some of slices(runIds, RUNS)) {
      for (const { runId, count } of await this.#job.source.nodeCounts(some)) add(nodes, runId, count);
    }
    return [...groups(runIds, RUNS, NODES, (runId) => nodes.get(runId) ?? 0)];
  }

  async #copyNodes(runIds: readonly string[]): Promise<void> {
    const { source, target, thorough } = this.#job;
    const rootOf = (runId: string): string => this.#rootOf.get(runId) ?? '';
    const extra = new Map<string, number>();
    for (const { runId, count } of await target.nodeCounts(runIds)) add(extra, rootOf(runId), count);
    for await (const nodes of this.#nodesIn(runIds)) {
      for (const { runId } of nodes) add(this.#nodesOf, runId, 1);
      const mine = await imagesOfNodes(source, nodes, rootOf);
      const found = extra.size > 0 ? await target.nodesByKeys(nodes) : [];
      const there = await imagesOfNodes(target, found, rootOf);
      for (const { runId } of found) add(extra, rootOf(runId), -1);
      const candidates = [...mine.values()].filter((image) => {
        const known = there.get(nodeKey(image.row));
        return thorough || !known || !isSameNode(image.row, known.row) || !areSameSizes(image, known);
      });
      for (const group of groups(candidates, NODES, BYTES, bytesOf)) await this.#copyNodePayloads(group, there);
    }
    for (const [root, nodes] of extra) {
      if (nodes > 0) this.#fail(root, `it has ${nodes} nodes there that the source does not have`);
    }
  }

  async *#nodesIn(runIds: readonly string[]): AsyncGenerator<NodeExecution[]> {
    const { source } = this.#job;
    if (runIds.length > 1) {
      yield await source.nodesByRuns(runIds, {}, ALL);
    } else {
      for (const keys of slices(await source.nodeLabels(runIds, ALL), NODES)) yield await source.nodesByKeys(keys);
    }
  }

  async #copyNodePayloads(images: readonly NodeImage[], there: ReadonlyMap<string, NodeImage>): Promise<void> {
    const { source, target } = this.#job;
    const rows = images.map(({ row }) => row);
    const isKnown = (row: NodeRow): boolean => {
      const known = there.get(nodeKey(row));
      return known !== undefined && isSameNode(row, known.row);
    };
    const texts = new Map((await source.nodePayloads(rows)).map((payload) => [nodeKey(payload), payload]));
    const known = rows.filter(isKnown);
    const knownTexts = known.length > 0 ? await target.nodePayloads(known) : [];
    const same = new Set(
      knownTexts.filter((payload) => isSamePayload(payload, texts.get(nodeKey(payload)))).map(nodeKey),
    );
    for (const { row, earlier } of images) {
      const key = nodeKey(row);
      if (same.has(key)) continue;
      const attempts = earlier.filter(({ attempt }) => attempt >= (there.get(key)?.row.attempt ?? 1));
      this.#pending.addNode(row, texts.get(key) ?? withoutTexts(row), attempts);
    }
    if (this.#pending.isFull) await this.#flush();
  }

  async #copyEdges(runIds: readonly string[]): Promise<void> {
    const { source, target } = this.#job;
    const rootOf = (runId: string): string => this.#rootOf.get(runId) ?? '';
    const rows = await source.edgesByRuns(runIds, ALL);
    const mine = edgesByKey(rows, rootOf);
    if (mine.size < rows.length) this.#tellDoubleEdges(rows, mine.values());
    const there = edgesByKey(await target.edgesByRuns(runIds, ALL), rootOf);
    for (const [runId, edges] of Map.groupBy(mine.values(), (edge) => edge.runId)) {
      this.#edgesOf.set(runId, printOfEdges(edges));
    }
    for (const [key, edge] of mine) {
      if (there.get(key)?.traversedAt !== edge.traversedAt) this.#pending.addEdge(edge);
      there.delete(key);
      if (this.#pending.isFull) await this.#flush();
    }
    for (const { rootRunId } of there.values()) {
      this.#fail(rootRunId, 'it has edges there that the source does not have');
    }
  }

  /** The runs come last: with them their trees are to be seen. */
  async #copyRuns(there: ReadonlyMap<string, RunImage>): Promise<void> {
    const { source, target, thorough } = this.#job;
    const candidates = [...this.#runs.values()].filter((image) => {
      const known = there.get(image.row.runId);
      return thorough || !known || !isSameState(image.row, known.row) || !areSameSizes(image, known);
    });
    const changed: RunImage[] = [];
    for (const group of groups(candidates, RUNS, BYTES, bytesOf)) {
      const runIds = group.map(({ row }) => row.runId);
      const texts = new Map((await source.runPayloads(runIds)).map((payload) => [payload.runId, payload]));
      const knownTexts = await target.runPayloads(runIds.filter((runId) => there.has(runId)));
      const known = new Map(knownTexts.map((payload) => [payload.runId, payload]));
      for (const image of group) {
        const { runId, rootRunId } = image.row;
        const text = { ...(texts.get(runId) ?? NO_TEXTS), runId, nodeLabel: '' };
        const row = there.get(runId)?.row;
        const knownText = known.get(runId);
        if (row && knownText?.inputJson !== text.inputJson) {
          this.#fail(rootRunId, `another run has the id ${runId} there, with other source inputs`);
        } else if (!row || !isSameState(image.row, row) || !isSamePayload(text, knownText)) {
          this.#pending.addRunPayload(rootRunId, text);
          changed.push(image);
        }
      }
      if (this.#pending.isFull) await this.#flush();
    }
    for (const { row, restarts } of changed) {
      const restartsThere = there.get(row.runId)?.row.restarts ?? 0;
      this.#pending.addRun(
        row,
        restarts.filter(({ restart }) => restart > restartsThere),
      );
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const { target, transfer, tally, onProgress } = this.#job;
    const versionOf = (rootRunId: string): number => this.#runs.get(rootRunId)?.treeVersion ?? 0;
    const parts = this.#pending.take(versionOf).filter(({ rootRunId }) => !this.#failed.has(rootRunId));
    if (parts.length === 0) return;
    for (const root of await transfer.importTrees(parts)) {
      this.#fail(root, 'it is there otherwise, and not as a copy left it: events were recorded in it');
    }
    const written = parts.filter(({ rootRunId }) => !this.#failed.has(rootRunId));
    for (const part of written) {
      this.#written.add(part.rootRunId);
      count(tally, part);
    }
    for (const root of await differingTrees(target, written)) this.#mismatch(root);
    onProgress();
  }

  /** Counts what is there of the trees that were written, and compares their runs and edges. */
  async #verify(runIds: readonly string[]): Promise<void> {
    const { target } = this.#job;
    const written = runIds.filter((runId) => {
      const root = this.#rootOf.get(runId) ?? '';
      return this.#written.has(root) && !this.#failed.has(root);
    });
    if (written.length === 0) return;
    const runs = await imagesOfRuns(target, await target.runsByIds(written));
    const nodes = new Map<string, number>();
    for (const { runId, count } of await target.nodeCounts(written)) add(nodes, runId, count);
    const edges = Map.groupBy(await target.edgesByRuns(written, ALL), ({ runId }) => runId);
    for (const runId of written) {
      const mine = this.#runs.get(runId);
      const there = runs.get(runId);
      const ofRun = edges.get(runId);
      const isSame =
        mine !== undefined &&
        there !== undefined &&
        isSameRun(mine.row, there.row) &&
        isSameState(mine.row, there.row) &&
        this.#nodesOf.get(runId) === nodes.get(runId) &&
        this.#edgesOf.get(runId) === (ofRun && printOfEdges(ofRun));
      if (!isSame) this.#mismatch(this.#rootOf.get(runId) ?? '');
    }
  }

  #tellDoubleEdges(rows: Iterable<{ readonly runId: string }>, kept: Iterable<{ readonly runId: string }>): void {
    const doubles = new Map<string, number>();
    for (const { runId } of rows) add(doubles, this.#rootOf.get(runId) ?? '', 1);
    for (const { runId } of kept) add(doubles, this.#rootOf.get(runId) ?? '', -1);
    for (const [rootRunId, edges] of doubles) {
      if (edges === 0) continue;
      const message = `of edges that were traversed more than once, the first traversal is kept, and ${edges} are not`;
      this.#tell({ code: 'DOUBLE_EDGES', rootRunId, message });
    }
  }

  #fail(rootRunId: string, message: string, code: Problem['code'] = 'CONFLICT'): void {
    if (this.#failed.has(rootRunId)) return;
    this.#failed.add(rootRunId);
    this.#tell({ code, rootRunId, message });
  }

  #mismatch(rootRunId: string): void {
    this.#fail(rootRunId, 'what is read back is not what was written; copy it again, and look at the disk', 'MISMATCH');
  }

  #tell(problem: Problem): void {
    this.#job.tally.problems += 1;
    this.#job.onProblem(problem);
  }
}

const NO_TEXTS = { inputJson: null, outputJson: null };

function withoutTexts({ runId, nodeLabel }: NodeRow): PayloadRow {
  return { runId, nodeLabel, ...NO_TEXTS };
}

function bytesOf({ inputBytes, outputBytes }: IoSizes): number {
  return (inputBytes ?? 0) + (outputBytes ?? 0);
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
