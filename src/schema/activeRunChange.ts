import { Fault } from '../errors.ts';
import type { DagRun } from '../model.ts';
import type { RunChanges } from '../store/feed.ts';
import { builder } from './builder.ts';
import { read } from './context.ts';
import { DagRunRef, keepRuns } from './dagRun.ts';
import { DagRunFilterRef, toActiveRunFilter, toRunFilter } from './dagRunFilter.ts';
import { eventsOf } from './events.ts';
import { fromOpaque, toOpaque } from './opaque.ts';
import { passes } from './runFilter.ts';
import { Shared } from './shared.ts';

interface ActiveRunChange {
  readonly cursor: string;
  readonly reset: boolean;
  readonly runs: readonly DagRun[];
}

const ActiveRunChangeRef = builder.objectRef<ActiveRunChange>('ActiveRunChange').implement({
  description: 'Runs that became active, changed or ended since the event before: newest states, each run once.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Give it as after to go on from here, after any interruption.',
    }),
    reset: t.exposeBoolean('reset', {
      description:
        'Replace what you hold by what this event has: it is the first one, or the cursor given was too old. It has the newest active runs, at most 1,000.',
    }),
    changedRuns: t.expose('runs', {
      type: [DagRunRef],
      description: 'The runs, in no order. One that is no longer RUNNING has just left the list of active runs.',
    }),
  }),
});

builder.subscriptionField('activeRunChanges', (t) =>
  t.field({
    type: ActiveRunChangeRef,
    description:
      'Runs that became active, changed or ended. Without after, the first event is a reset with those that are active. It does not complete.',
    args: {
      after: t.arg.string({ description: 'A cursor to go on from; absent: begin anew, with a reset.' }),
      filter: t.arg({
        type: DagRunFilterRef,
        description:
          'Which runs are told of. Its statuses only choose what a reset has: an end is told whatever it is.',
      }),
    },
    subscribe: (_, { after, filter }, context) => {
      const wanted = toRunFilter({ ...filter, statuses: null });
      const active = toActiveRunFilter(filter);
      const changes = context.feed.runs(after == null ? null : fromRunsCursor(after));
      const filterText = JSON.stringify(filter ?? {});
      return eventsOf(changes, context, async (changed) => {
        const cursor = toOpaque([VERSION, changed.cursor]);
        if (changed.reset) {
          const runs = await read(context, (store) => store.runPage(active, { limit: context.limits.maxPageSize }));
          return { cursor, reset: true, runs };
        }
        return told.get(changed, filterText, () => {
          const runs = changed.runs.filter((run) => passes(wanted, run));
          return runs.length > 0 ? { cursor, reset: false, runs } : null;
        });
      });
    },
    resolve: (change, _, context) => {
      keepRuns(context, [...change.runs]);
      return change;
    },
  }),
);

/** What all with the same filter are told of changes. */
const told = new Shared<RunChanges, ActiveRunChange | null>();

/** Raised when a cursor gets another meaning, so that old ones are refused instead of misread. */
const VERSION = 'runs1';

function fromRunsCursor(text: string): string {
  const [version, cursor] = fromOpaque(text);
  if (version === VERSION && typeof cursor === 'string') return cursor;
  throw new Fault(
    'INVALID_CURSOR',
    `${JSON.stringify(text)} is no cursor of activeRunChanges. Give the cursor that its last event had, or none to begin anew.`,
  );
}
