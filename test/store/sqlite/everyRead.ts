import type { RunFilter, Slice, Store, TextFilter } from '../../../src/store/store.ts';

const many = Array.from({ length: 100 }, (_, i) => `value ${i}`);
const early = { startedAt: 10, runId: 'run 10' };
const late = { startedAt: 50, runId: 'run 50' };

const TEXTS: readonly (TextFilter | undefined)[] = [
  undefined,
  { eq: 'value 1' },
  { in: ['value 1', 'value 2'] },
  { in: many },
  { startsWith: 'value' },
  { startsWith: 'value 1', in: many },
];

/** Every kind of condition with every other. */
export const FILTERS: readonly RunFilter[] = [undefined, 'roots' as const, { runId: 'run 0' }].flatMap((parent) =>
  [
    {},
    { statuses: ['running'] },
    { statuses: ['running', 'failed'] },
    { statuses: ['failed'], unknownStatus: true },
  ].flatMap((statuses) =>
    TEXTS.flatMap((dagNsref) =>
      TEXTS.flatMap((initiatedBy) =>
        [{}, { startedFrom: 10 }, { startedFrom: 10, startedUntil: 50 }].map((times) => ({
          parent,
          ...statuses,
          dagNsref,
          initiatedBy,
          ...times,
        })),
      ),
    ),
  ),
);

export const SLICES: readonly Slice[] = [
  {},
  { after: late },
  { before: early },
  { after: late, before: early },
].flatMap((places) => [false, true].map((fromEnd) => ({ limit: 5, fromEnd, ...places })));

/** A read of a store, told by the method's name. */
type Read = readonly [name: string, read: (store: Store) => unknown];

const ids = ['run 0', 'run 1', 'missing'];
const keys = ids.map((runId) => ({ runId, nodeLabel: 'a' }));

/** Pages of all runs, in every shape. */
export const PAGES: readonly Read[] = FILTERS.flatMap((filter) =>
  SLICES.map((slice): Read => ['runPage', (store) => store.runPage(filter, slice)]),
);

/** Pages below given runs, in every shape. */
export const INNER_PAGES: readonly Read[] = SLICES.flatMap((slice): Read[] => [
  ['childPages', (store) => store.childPages(ids, slice)],
  ['descendantPages', async (store) => store.descendantPages(await store.runsByIds(ids), slice)],
]);

/** Everything else that can be read but payloads, in every shape. */
export const READS: readonly Read[] = [
  ['runsByIds', (store) => store.runsByIds(ids)],
  ['childrenOf', (store) => store.childrenOf(ids, 1_000)],
  ['childCounts', (store) => store.childCounts(keys)],
  ...[undefined, ['a']].flatMap((labels) =>
    [{}, { statuses: ['running'] }, { statuses: ['running'], unknownStatus: true }].flatMap((statuses) =>
      [{}, { changedFrom: 1 }].map(
        (times): Read => ['nodesByRuns', (store) => store.nodesByRuns(ids, { labels, ...statuses, ...times }, 1_000)],
      ),
    ),
  ),
  ['nodesByKeys', (store) => store.nodesByKeys(keys)],
  ['nodeLabels', (store) => store.nodeLabels(ids, 1_000)],
  ['nodeCounts', (store) => store.nodeCounts(ids)],
  ['edgesByRuns', (store) => store.edgesByRuns(ids, 1_000)],
  ['latestUpdates', (store) => store.latestUpdates(ids)],
  ['treeCursors', async (store) => store.treeCursors(await store.runsByIds(ids))],
  ...[null, '1'].flatMap((after): Read[] => [
    ['treeChanges', (store) => store.treeChanges('run 0', after, 5)],
    ['runChanges', (store) => store.runChanges(after, 5)],
  ]),
  ['check', (store) => store.check()],
];

export const PAYLOADS: readonly Read[] = [
  ['runPayloads', (store) => store.runPayloads(ids)],
  ['nodePayloads', (store) => store.nodePayloads(keys)],
];

export const SIZES: readonly Read[] = [
  ['runPayloadSizes', (store) => store.runPayloadSizes(ids)],
  ['nodePayloadSizes', (store) => store.nodePayloadSizes(keys)],
];
