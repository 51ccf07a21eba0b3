/** Pages of the list of runs: what GraphQL is asked, and how the floor finds the same. */

import { toCursor } from '../src/schema/page.ts';
import { formatTime } from '../src/time.ts';
import { DAY_SECONDS, FIRST_DAY, rootOf, rootOfFirstDay } from './stores/day.ts';

export interface List {
  readonly name: string;
  /** GraphQL's `filter`. */
  readonly filter?: object;
  /** GraphQL's `after`. */
  readonly after?: string;
  /** From the end of the list. */
  readonly last?: boolean;
  /** The floor's conditions. Several: it reads a page for each of them and joins those. */
  readonly where: readonly string[];
}

const ROOTS = 'parent_run_id IS NULL';

/** The middle of the first day. */
const MIDDLE = { startedAt: FIRST_DAY + DAY_SECONDS / 2, runId: rootOfFirstDay(128) };

/** A list for each filter that there is, and for each way through a list. */
export const LISTS: readonly List[] = [
  { name: 'roots', where: [ROOTS] },
  {
    name: 'after a cursor',
    after: toCursor(MIDDLE),
    where: [`${ROOTS} AND (started_at, run_id) < (${MIDDLE.startedAt}, '${MIDDLE.runId}')`],
  },
  { name: 'last', last: true, where: [ROOTS] },
  { name: 'one status', filter: { statuses: ['FAILED'] }, where: [`${ROOTS} AND status = 'failed'`] },
  {
    name: 'two statuses',
    filter: { statuses: ['FAILED', 'CANCELLED'] },
    where: [`${ROOTS} AND status = 'failed'`, `${ROOTS} AND status = 'cancelled'`],
  },
  { name: 'running', filter: { statuses: ['RUNNING'] }, where: [`${ROOTS} AND status = 'running'`] },
  { name: 'unknown status', filter: { statuses: ['UNKNOWN'] }, where: [`${ROOTS} AND status = 'unheard of'`] },
  {
    name: 'one name',
    filter: { dagNsref: { eq: 'area_1:job_3' } },
    where: [`${ROOTS} AND dag_nsref = 'area_1:job_3'`],
  },
  {
    name: 'two names',
    filter: { dagNsref: { in: ['area_1:job_3', 'area_0:job_4'] } },
    where: [`${ROOTS} AND dag_nsref = 'area_1:job_3'`, `${ROOTS} AND dag_nsref = 'area_0:job_4'`],
  },
  {
    name: 'names that begin alike',
    filter: { dagNsref: { startsWith: 'area_1:' } },
    where: [`${ROOTS} AND +dag_nsref >= 'area_1:' AND +dag_nsref < 'area_1;'`],
  },
  {
    name: 'no such name',
    filter: { dagNsref: { eq: 'nobody:nothing' } },
    where: [`${ROOTS} AND dag_nsref = 'nobody:nothing'`],
  },
  {
    name: 'one initiator',
    filter: { initiatedBy: { eq: 'scheduler' } },
    where: [`${ROOTS} AND initiated_by = 'scheduler'`],
  },
  {
    name: 'many initiators that begin alike',
    filter: { initiatedBy: { startsWith: 'user-' } },
    where: [`${ROOTS} AND +initiated_by >= 'user-' AND +initiated_by < 'user.'`],
  },
  {
    name: 'many initiators, of the oldest runs only',
    filter: { initiatedBy: { startsWith: 'import-' } },
    where: [`${ROOTS} AND initiated_by >= 'import-' AND initiated_by < 'import.'`],
  },
  {
    name: 'status and name',
    filter: { statuses: ['COMPLETED'], dagNsref: { eq: 'area_1:job_3' } },
    where: [`${ROOTS} AND +status = 'completed' AND dag_nsref = 'area_1:job_3'`],
  },
  {
    name: 'status and initiator',
    filter: { statuses: ['FAILED'], initiatedBy: { eq: 'scheduler' } },
    where: [`${ROOTS} AND status = 'failed' AND +initiated_by = 'scheduler'`],
  },
  {
    name: 'after a time',
    filter: { startedAfter: formatTime(FIRST_DAY) },
    where: [`${ROOTS} AND started_at > ${FIRST_DAY}`],
  },
  {
    name: 'before a time',
    filter: { startedBefore: formatTime(MIDDLE.startedAt) },
    where: [`${ROOTS} AND started_at < ${MIDDLE.startedAt}`],
  },
  {
    name: 'status, before a time',
    filter: { statuses: ['FAILED'], startedBefore: formatTime(FIRST_DAY + DAY_SECONDS) },
    where: [`${ROOTS} AND status = 'failed' AND started_at < ${FIRST_DAY + DAY_SECONDS}`],
  },
  {
    name: 'sub-runs of one run',
    filter: { parentRunId: rootOf('wide') },
    where: [`parent_run_id = '${rootOf('wide')}'`],
  },
  { name: 'roots and sub-runs', filter: { includeSubRuns: true }, where: ['true'] },
  {
    name: 'status, roots and sub-runs',
    filter: { includeSubRuns: true, statuses: ['CANCELLED'] },
    where: ["status = 'cancelled'"],
  },
];
