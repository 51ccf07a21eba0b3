import type { RunFilter, TextFilter } from '../store/store.ts';
import { firstAfter, firstAt } from '../time.ts';
import { builder } from './builder.ts';
import { DagRunStatusRef, statusFilter } from './status.ts';

const StringFilterRef = builder.inputType('StringFilter', {
  description: 'Conditions on a text; all that are given must hold. Upper and lower case differ.',
  fields: (t) => ({
    eq: t.string({ description: 'It is this text.' }),
    in: t.stringList({ description: 'It is one of these texts; an empty list matches nothing.' }),
    startsWith: t.string({ description: 'It begins with this text.' }),
  }),
});

export const DagRunFilterRef = builder.inputType('DagRunFilter', {
  description:
    'Conditions on runs; all that are given must hold. A condition that is null counts as absent, except for parentRunId.',
  fields: (t) => ({
    statuses: t.field({
      type: [DagRunStatusRef],
      description: 'It has one of these statuses; an empty list matches nothing.',
    }),
    dagNsref: t.field({ type: StringFilterRef, description: 'Conditions on the name of its DAG.' }),
    initiatedBy: t.field({
      type: StringFilterRef,
      description: 'Conditions on who or what asked for it; a run without one matches none of them.',
    }),
    parentRunId: t.id({
      description:
        "A run's id: only its direct sub-runs. Null: roots and sub-runs alike. Absent: roots only, unless includeSubRuns is true.",
    }),
    startedAfter: t.field({
      type: 'DateTime',
      description: 'It started after this time, compared in whole microseconds.',
    }),
    startedBefore: t.field({
      type: 'DateTime',
      description: 'It started before this time, compared in whole microseconds.',
    }),
    includeSubRuns: t.boolean({
      description: 'True: sub-runs are listed beside the roots. It makes no difference where parentRunId is given.',
    }),
  }),
});

type DagRunFilter = typeof DagRunFilterRef.$inferInput;

/** The filter as the store takes it. */
export function toRunFilter(filter: DagRunFilter | null | undefined): RunFilter {
  const { statuses, dagNsref, initiatedBy, startedAfter, startedBefore } = filter ?? {};
  return {
    ...statusFilter(statuses),
    dagNsref: toTextFilter(dagNsref),
    initiatedBy: toTextFilter(initiatedBy),
    parent: parentCondition(filter ?? {}),
    startedFrom: startedAfter == null ? undefined : firstAfter(startedAfter),
    startedUntil: startedBefore == null ? undefined : firstAt(startedBefore),
  };
}

/** The filter with its statuses narrowed to `running`: it matches nothing if it wants others only. */
export function toActiveRunFilter(filter: DagRunFilter | null | undefined): RunFilter {
  const isWanted = !filter?.statuses || filter.statuses.includes('running');
  return toRunFilter({ ...filter, statuses: isWanted ? ['running'] : [] });
}

function parentCondition({ parentRunId, includeSubRuns }: DagRunFilter): RunFilter['parent'] {
  if (parentRunId != null) return { runId: parentRunId };
  return parentRunId === null || includeSubRuns ? undefined : 'roots';
}

function toTextFilter(filter: typeof StringFilterRef.$inferInput | null | undefined): TextFilter | undefined {
  return filter
    ? { eq: filter.eq ?? undefined, in: filter.in ?? undefined, startsWith: filter.startsWith ?? undefined }
    : undefined;
}
