import type { DagRun } from '../model.ts';
import { builder } from './builder.ts';
import { DagRunRef } from './dagRun.ts';
import { type RunPage, toCursor } from './page.ts';

const PageInfoRef = builder.objectRef<RunPage>('PageInfo').implement({
  description: 'Where a page begins and ends, and whether there is more.',
  fields: (t) => ({
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether the list has something before this page.',
    }),
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
    startCursor: t.string({
      nullable: true,
      description: 'The cursor of the first one, to give as before; null if the page is empty.',
      resolve: ({ runs }) => cursorOf(runs.at(0)),
    }),
    endCursor: t.string({
      nullable: true,
      description: 'The cursor of the last one, to give as after; null if the page is empty.',
      resolve: ({ runs }) => cursorOf(runs.at(-1)),
    }),
  }),
});

const DagRunEdgeRef = builder.objectRef<DagRun>('DagRunEdge').implement({
  description: 'A run and its place in a list.',
  fields: (t) => ({
    cursor: t.string({ description: 'The place, to give as after or before. It is opaque.', resolve: toCursor }),
    node: t.field({ type: DagRunRef, description: 'The run.', resolve: (run) => run }),
  }),
});

export const DagRunConnectionRef = builder.objectRef<RunPage>('DagRunConnection').implement({
  description: 'A page of a list of runs.',
  fields: (t) => ({
    edges: t.expose('runs', {
      type: [DagRunEdgeRef],
      description: 'The runs with their places, in the order of the list.',
    }),
    nodes: t.expose('runs', { type: [DagRunRef], description: 'The runs alone, in the order of the list.' }),
    pageInfo: t.field({ type: PageInfoRef, description: 'Where this page begins and ends.', resolve: (page) => page }),
  }),
});

/** Arguments of a list that is read from its beginning. */
export const forwardArgs = builder.args((t) => ({
  first: t.int({ description: 'How many at most, from the beginning: 50 if absent, up to 1,000.' }),
  after: t.string({ description: 'Only what comes after the place that this cursor names.' }),
}));

/** Arguments of a list that is read from either end. */
export const pageArgs = builder.args((t) => ({
  ...forwardArgs,
  last: t.int({ description: 'How many at most, from the end, up to 1,000; not together with first.' }),
  before: t.string({ description: 'Only what comes before the place that this cursor names.' }),
}));

function cursorOf(run: DagRun | undefined): string | null {
  return run ? toCursor(run) : null;
}
