import { Fault } from '../errors.ts';
import type { DagRun } from '../model.ts';
import { builder } from './builder.ts';
import { read } from './context.ts';
import { DagRunRef } from './dagRun.ts';
import { loader, rowOfEach } from './loader.ts';
import { many } from './many.ts';
import { fromOpaque, toOpaque } from './opaque.ts';

/** Raised when a cursor gets another meaning, so that old ones are refused instead of misread. */
const VERSION = 'tree1';

/** The opaque text for a place in the changes of a tree. */
export function toTreeCursor(rootRunId: string, cursor: string): string {
  return toOpaque([VERSION, rootRunId, cursor]);
}

/** The store's cursor in it. Throws INVALID_CURSOR for a text that we never gave for this tree. */
export function fromTreeCursor(text: string, { rootRunId, runId }: DagRun): string {
  const [version, root, cursor] = fromOpaque(text);
  if (version === VERSION && root === rootRunId && typeof cursor === 'string') return cursor;
  throw new Fault(
    'INVALID_CURSOR',
    `${JSON.stringify(text)} is no cursor of the tree of run ${JSON.stringify(runId)}. Give the cursor that a run of this tree or its last change had, or none to begin anew.`,
  );
}

const treeCursor = loader(async (runs: readonly DagRun[], context) => {
  const cursors = await read(context, (store) => store.treeCursors(runs));
  return rowOfEach(runs.map(runIdOf), cursors, runIdOf);
}, runIdOf);

builder.objectField(DagRunRef, 'cursor', (t) =>
  t.string({
    description:
      'The place of this answer in the changes of its tree: give it to dagRunChanges as after, and nothing is missed. For a whole tree, take that of its outermost run.',
    resolve: many(
      async (runs, _, context) => {
        const cursors = await treeCursor(context).loadMany(runs);
        return runs.map(({ rootRunId }, index) => toTreeCursor(rootRunId, cursors[index]?.cursor ?? ''));
      },
      // What changes while the inside of the runs is read then comes after the cursor.
      { first: true },
    ),
  }),
);

function runIdOf({ runId }: { readonly runId: string }): string {
  return runId;
}
