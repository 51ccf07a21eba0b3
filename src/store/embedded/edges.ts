import type { EdgeTraversal } from '../../model.ts';
import { capped } from '../capped.ts';
import type { Connection } from './connection.ts';
import { PLACE_OF_RUN, type Placed, textKeys, withRunIds } from './keys.ts';

const EDGES_BY_RUNS = `
  SELECT ${PLACE_OF_RUN}, e.upstream_label AS upstreamLabel, e.downstream_label AS downstreamLabel, e.traversed_at AS traversedAt
  FROM json_each(@runIds) AS k CROSS JOIN edge_traversals AS e ON e.run_id = k.value
  ORDER BY k.key, e.traversed_at, e.upstream_label, e.downstream_label LIMIT @limit + 1`;

export function edgesByRuns(db: Connection, runIds: readonly string[], limit: number): EdgeTraversal[] {
  const edges = capped(db.all<Placed<EdgeTraversal>>(EDGES_BY_RUNS, { runIds: textKeys(runIds), limit }), limit);
  return withRunIds(runIds, edges);
}
