import { type DagRun, RUN_STATUSES } from '../model.ts';
import type { RunFilter, TextFilter } from '../store/store.ts';

/** Whether a run passes a filter: what the store does for lists, for one run that is at hand. */
export function passes(filter: RunFilter, run: DagRun): boolean {
  const { parent, startedFrom = Number.NEGATIVE_INFINITY, startedUntil = Number.POSITIVE_INFINITY } = filter;
  return (
    passesStatus(filter, run.status) &&
    passesText(filter.dagNsref, run.dagNsref) &&
    passesText(filter.initiatedBy, run.initiatedBy) &&
    (parent === undefined || run.parentRunId === (parent === 'roots' ? null : parent.runId)) &&
    run.startedAt >= startedFrom &&
    run.startedAt < startedUntil
  );
}

const KNOWN: readonly string[] = RUN_STATUSES;

function passesStatus({ statuses, unknownStatus }: RunFilter, status: string): boolean {
  if (!statuses && !unknownStatus) return true;
  return statuses?.includes(status) === true || (unknownStatus === true && !KNOWN.includes(status));
}

function passesText(filter: TextFilter | undefined, text: string | null): boolean {
  if (!filter) return true;
  const { eq, in: list, startsWith } = filter;
  if (eq === undefined && list === undefined && startsWith === undefined) return true;
  if (text === null) return false;
  return (
    (eq === undefined || text === eq) &&
    (list === undefined || list.includes(text)) &&
    (startsWith === undefined || text.startsWith(startsWith))
  );
}
