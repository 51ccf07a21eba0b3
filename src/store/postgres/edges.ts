import type { EdgeTraversal } from '../../model.ts';
import { capped } from '../capped.ts';
import type { Session } from './session.ts';

/** The columns of an edge, of `edge_traversals AS e`. */
export const EDGE = `e.run_id AS "runId", e.upstream_label AS "upstreamLabel", e.downstream_label AS "downstreamLabel",
  e.traversed_at AS "traversedAt"`;

const EDGES_BY_RUNS = `
  SELECT ${EDGE} FROM unnest($1::text[]) WITH ORDINALITY AS k (run_id, place) JOIN edge_traversals AS e ON e.run_id = k.run_id
  ORDER BY k.place, e.traversed_at, e.upstream_label, e.downstream_label LIMIT $2::bigint + 1`;

export async function edgesByRuns(
  session: Session,
  runIds: readonly string[],
  limit: number,
): Promise<EdgeTraversal[]> {
  return capped(await session.all<EdgeTraversal>(EDGES_BY_RUNS, [runIds, limit]), limit);
}
