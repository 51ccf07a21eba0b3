import { Fault } from '../errors.ts';
import type { DagRun } from '../model.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { durationMs } from './duration.ts';
import { loader, rowOfEach } from './loader.ts';
import { many } from './many.ts';
import { RelayNodeRef } from './relayNode.ts';
import { DagRunStatusRef, shownRunStatus } from './status.ts';

/** Other files add the fields that lead to their own types. */
export const DagRunRef = builder.objectRef<DagRun>('DagRun');

export const runById = loader(async (runIds: readonly string[], context) => {
  const runs = await read(context, (store) => store.runsByIds(runIds));
  return rowOfEach(runIds, runs, (run) => run.runId);
});

const latestUpdate = loader(async (runIds: readonly string[], context) => {
  const updates = await read(context, (store) => store.latestUpdates(runIds));
  return rowOfEach(runIds, updates, (update) => update.runId);
});

/** Runs that were read some other way need not be read again by their ids. Gives them back. */
export function keepRuns<Run extends DagRun>(context: Context, runs: Run[]): Run[] {
  runById(context).prime(
    runs.map(({ runId }) => runId),
    runs,
  );
  return runs;
}

/** The runs of nodes or edges. A store may hold some without one: then STORE_CORRUPT. */
export async function runsOf(parts: readonly PartOfRun[], context: Context): Promise<(DagRun | Fault)[]> {
  const runs = await runById(context).loadMany(parts.map(({ runId }) => runId));
  return runs.map((run, index) => run ?? withoutRun(parts[index]?.runId ?? ''));
}

interface PartOfRun {
  readonly runId: string;
}

function withoutRun(runId: string): Fault {
  return new Fault(
    'STORE_CORRUPT',
    `The store has no run ${JSON.stringify(runId)}, only parts of it. Do not ask for the run of these parts.`,
  );
}

DagRunRef.implement({
  description: 'One execution of one DAG.',
  interfaces: [RelayNodeRef],
  fields: (t) => ({
    runId: t.exposeID('runId', { description: 'The id that its recorder gave it.' }),
    dagNsref: t.exposeString('dagNsref', {
      description:
        "Name of the DAG, such as pipelines:daily; for a sub-run the parent's, a slash, and the expansion key.",
    }),
    status: t.field({
      type: DagRunStatusRef,
      description: 'How far it has come.',
      resolve: (run) => shownRunStatus(run.status),
    }),
    statusText: t.exposeString('status', {
      description: 'The status as stored; it tells more when status is UNKNOWN.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it started.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null until then. A run that was restarted may show the end before that.',
    }),
    durationMs: t.float({
      description: 'Milliseconds from its start to its end; to now while it has not ended.',
      resolve: ({ status, startedAt, finishedAt }) => durationMs(startedAt, status === 'running' ? null : finishedAt),
    }),
    initiatedBy: t.exposeString('initiatedBy', {
      nullable: true,
      description: "Who or what asked for it, such as a user's id or scheduler; null if not said. Sub-runs inherit it.",
    }),
    latestUpdate: t.field({
      type: 'DateTime',
      description: "The newest time in this run: its own, its nodes', its edges'. Sub-runs do not count.",
      resolve: many(async (runs, _, context) => {
        const updates = await latestUpdate(context).loadMany(runs.map(({ runId }) => runId));
        return runs.map(({ startedAt }, index) => updates[index]?.latestUpdate ?? startedAt);
      }),
    }),
    parentRunId: t.exposeID('parentRunId', {
      nullable: true,
      description: 'The runId of the run that started it, which may be gone; null for a root.',
    }),
    parent: t.field({
      type: DagRunRef,
      nullable: true,
      description: 'The run that started it; null for a root, and for a run whose parent is gone.',
      resolve: many((runs, _, context) => parentsOf(runs, context)),
    }),
    root: t.field({
      type: DagRunRef,
      description: 'The top-most run of its tree: itself for a root.',
      resolve: many(async (runs, _, context) => {
        const roots = await runById(context).loadGiven(
          runs.map((run) => (run.parentRunId === null ? null : run.rootRunId)),
        );
        return Promise.all(runs.map((run, index) => roots[index] ?? topMost(run, context)));
      }),
    }),
  }),
});

builder.queryField('dagRun', (t) =>
  t.field({
    type: DagRunRef,
    nullable: true,
    description: 'One run; null if there is no such run.',
    args: { runId: t.arg.id({ required: true, description: 'Its runId.' }) },
    resolve: (_, { runId }, context) => runById(context).load(runId),
  }),
);

/** For each run the one that started it; null for a root, and where it is gone. */
export function parentsOf(runs: readonly DagRun[], context: Context): Promise<readonly (DagRun | null)[]> {
  return runById(context).loadGiven(runs.map(({ parentRunId }) => parentRunId));
}

/** For a root itself; where the root is gone, the last that is still there on the way up to it. */
async function topMost(run: DagRun, context: Context): Promise<DagRun> {
  const met = new Set<string>();
  let top = run;
  for (;;) {
    met.add(top.runId);
    const parent = top.parentRunId === null ? null : await runById(context).load(top.parentRunId);
    // A file that others wrote may even hold a run among its own descendants.
    if (!parent || met.has(parent.runId)) return top;
    top = parent;
  }
}
