/**
 * The writes that are measured. They are numbered, and go on in one run: an even one starts a node, the next one completes it.
 * What a client has seen of them is told by the newest.
 */
import type { RunEvent } from '../../src/model.ts';
import { runEvents, TREE } from '../sample.ts';

/** What the run has before: a tree of the usual size, of which only the root goes on. */
export function eventsBefore(runId: string): RunEvent[] {
  return [...runEvents(runId, TREE, Date.now() / 1000)].slice(0, -1);
}

export function writeOf(runId: string, write: number): RunEvent {
  const nodeLabel = `live ${write >> 1}`;
  const edges = [{ upstreamLabel: nodeLabel, downstreamLabel: `live ${(write >> 1) + 1}` }];
  return write % 2 === 0
    ? { type: 'nodeStarted', runId, nodeLabel, inputJson: '{"rows":1000}' }
    : { type: 'nodeCompleted', runId, nodeLabel, outputJson: '{"rows":1000}', edges };
}

/** The number of a write; null for what was there before. */
export function numberOf(event: RunEvent): number | null {
  if (!('nodeLabel' in event) || !event.nodeLabel.startsWith('live ')) return null;
  return Number(event.nodeLabel.slice('live '.length)) * 2 + Number(event.type === 'nodeCompleted');
}

/** The newest write that a text of GraphQL's JSON tells of, if it has `nodeLabel status` of nodes; -1 if it tells of none. */
export function newestIn(json: string): number {
  let newest = -1;
  for (const [, node, status] of json.matchAll(/"nodeLabel":"live (\d+)","status":"(RUN|COM)/g)) {
    newest = Math.max(newest, Number(node) * 2 + Number(status === 'COM'));
  }
  return newest;
}
