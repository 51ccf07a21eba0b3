/** Whether a store holds what was written into it: rows by their fields, payloads by the SHA-256 of their texts. */
import { hash } from 'node:crypto';
import type { EdgeTraversal } from '../../model.ts';
import { type AttemptRow, type NodeRow, nodeKey, type PayloadRow } from '../ledger/rows.ts';
import type { Store } from '../store.ts';
import type { TreePart } from '../transfer.ts';
import { imagesOfNodes, isSameNode, type NodeImage } from './images.ts';

/** Reads back the nodes and payloads of parts that were written. Gives the roots of the trees in which something differs. */
export async function differingTrees(target: Store, parts: readonly TreePart[]): Promise<Set<string>> {
  const differing = new Set<string>();
  const nodes = parts.flatMap((part) => part.nodes);
  const images = await imagesOfNodes(target, await target.nodesByKeys(nodes), () => '');
  const ofNodes = new Map((await target.nodePayloads(nodes)).map((row) => [nodeKey(row), row]));
  const runIds = parts.flatMap(({ runPayloads }) => runPayloads.map(({ runId }) => runId));
  const ofRuns = new Map((await target.runPayloads(runIds)).map((row) => [row.runId, row]));
  for (const part of parts) {
    const isSame =
      part.nodes.every((node) => isSameImage(node, images.get(nodeKey(node)))) &&
      part.attempts.every((attempt) => isSameAttempt(attempt, images.get(nodeKey(attempt)))) &&
      part.nodePayloads.every((payload) => isSamePayload(payload, ofNodes.get(nodeKey(payload)))) &&
      part.runPayloads.every((payload) => isSamePayload(payload, ofRuns.get(payload.runId)));
    if (!isSame) differing.add(part.rootRunId);
  }
  return differing;
}

/** One text for all edges of a run, in their order. */
export function printOfEdges(edges: readonly EdgeTraversal[]): string {
  const rows = edges.map((edge) => [edge.upstreamLabel, edge.downstreamLabel, edge.traversedAt]);
  return hash('sha256', JSON.stringify(rows), 'base64');
}

type Texts = Pick<PayloadRow, 'inputJson' | 'outputJson'>;

export function isSamePayload(written: Texts, found: Texts | undefined): boolean {
  return (
    digest(written.inputJson) === digest(found?.inputJson) && digest(written.outputJson) === digest(found?.outputJson)
  );
}

function isSameImage(written: NodeRow, image: NodeImage | undefined): boolean {
  return image !== undefined && isSameNode(written, image.row);
}

function isSameAttempt(written: AttemptRow, image: NodeImage | undefined): boolean {
  const found = image?.earlier.find(({ attempt }) => attempt === written.attempt);
  return found !== undefined && isSameNode(written, found) && isSamePayload(written.payload, found.payload);
}

function digest(text: string | null | undefined): string | null {
  return text == null ? null : hash('sha256', text, 'base64');
}
