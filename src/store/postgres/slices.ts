import type { Slice } from '../store.ts';
import type { Parameters } from './keys.ts';

/** The columns of a run, of `dag_runs AS r`. */
export const RUN = `r.run_id AS "runId", r.dag_nsref AS "dagNsref", r.parent_run_id AS "parentRunId", r.root_run_id AS "rootRunId",
  r.status, r.started_at AS "startedAt", r.finished_at AS "finishedAt", r.initiated_by AS "initiatedBy"`;

/** What comes first in a list of runs. */
export type Order = 'newest' | 'oldest';

/** The order in which a slice is read: for one from the end, the list's backwards. */
export function orderBy({ fromEnd }: Slice, order: Order): string {
  const direction = (order === 'newest') === Boolean(fromEnd) ? 'ASC' : 'DESC';
  return `r.started_at ${direction}, r.run_id ${direction}`;
}

/** Conditions as row values: written with OR, they would cost a scan. */
export function sliceConditions({ after, before }: Slice, order: Order, { bind }: Parameters): string[] {
  const conditions: string[] = [];
  const [further, nearer] = order === 'newest' ? ['<', '>'] : ['>', '<'];
  if (after) {
    conditions.push(
      `(r.started_at, r.run_id) ${further} (${bind('float8', after.startedAt)}, ${bind('text', after.runId)})`,
    );
  }
  if (before) {
    conditions.push(
      `(r.started_at, r.run_id) ${nearer} (${bind('float8', before.startedAt)}, ${bind('text', before.runId)})`,
    );
  }
  return conditions;
}
