import type { Slice } from '../store.ts';
import type { Value } from './connection.ts';

/** The columns of a run, of `dag_runs AS r`. */
export const RUN = `r.run_id AS runId, r.dag_nsref AS dagNsref, r.parent_run_id AS parentRunId, r.root_run_id AS rootRunId,
  r.status, r.started_at AS startedAt, r.finished_at AS finishedAt, r.initiated_by AS initiatedBy`;

/** Makes a parameter of a statement and gives the text that stands for it. */
export type Bind = (name: string, value: Value) => string;

/** What comes first in a list of runs. */
export type Order = 'newest' | 'oldest';

/** The order in which a slice is read: for one from the end, the list's backwards. */
export function orderBy({ fromEnd }: Slice, order: Order): string {
  const direction = (order === 'newest') === Boolean(fromEnd) ? 'ASC' : 'DESC';
  return `r.started_at ${direction}, r.run_id ${direction}`;
}

/** Conditions as row values: written with OR, they would cost a scan. */
export function sliceConditions({ after, before }: Slice, order: Order, bind: Bind): string[] {
  const conditions: string[] = [];
  const [further, nearer] = order === 'newest' ? ['<', '>'] : ['>', '<'];
  if (after) {
    conditions.push(
      `(r.started_at, r.run_id) ${further} (${bind('afterStart', after.startedAt)}, ${bind('afterRun', after.runId)})`,
    );
  }
  if (before) {
    conditions.push(
      `(r.started_at, r.run_id) ${nearer} (${bind('beforeStart', before.startedAt)}, ${bind('beforeRun', before.runId)})`,
    );
  }
  return conditions;
}
