import type { EdgeTraversal, EdgeTraversed } from '../../model.ts';
import type { Ledger, Verdict } from './ledger.ts';
import { edgeName } from './rows.ts';
import { runNotFound } from './runs.ts';

export function edgeTraversed(ledger: Ledger, event: EdgeTraversed, at: number): Verdict {
  return traverse(ledger, event, at, []);
}

/** Data went along an edge: its upstream must have a record; its downstream may have none yet. The first traversal stands. */
export function traverse(
  ledger: Ledger,
  { runId, upstreamLabel, downstreamLabel }: Omit<EdgeTraversal, 'traversedAt'>,
  at: number,
  path: readonly string[],
): Verdict {
  const run = ledger.runs.get(runId);
  if (!run) return runNotFound(runId);
  if (!ledger.nodes.get(runId, upstreamLabel)) {
    const message = `the upstream node ${JSON.stringify(upstreamLabel)} of run ${runId} has not started; record its start first`;
    return { code: 'NODE_NOT_FOUND', message, path: [...path, 'upstreamLabel'] };
  }
  const edge = { runId, upstreamLabel, downstreamLabel, rootRunId: run.rootRunId, traversedAt: at };
  const name = edgeName(edge);
  if (ledger.edges.get(runId, name)) return false;
  ledger.edges.put(edge, runId, name);
  return true;
}
