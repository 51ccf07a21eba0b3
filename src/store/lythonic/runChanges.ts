/** What changed among all runs of a lythonic file after a mark. Each answer is read in one state of the file. */
import { type DagRun, RUN_ENDS } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { inList } from '../embedded/keys.ts';
import type { RunChanges } from '../feed.ts';
import { writeMark } from './mark.ts';
import {
  changedSince,
  endsOf,
  IN_RANGE,
  markIn,
  openAmong,
  ROWED_RUN,
  type Rowed,
  rowids,
  step,
  withoutRid,
} from './since.ts';

/** How many roots, and how many sub-runs, that have not ended are followed among all runs, the newest: the others are dead as a rule. */
const MAX_OPEN = 500;

/** After how many rows a cursor of all runs is too old: beginning anew is cheaper. */
const TOO_OLD = 100_000;

export function runChanges(db: Connection, cursor: string | null, limit: number): RunChanges {
  const ends = endsOf(db);
  const mark = markIn(db, cursor, ends);
  if (!mark || ends.runs - mark.runs > TOO_OLD || ends.nodes - mark.nodes > TOO_OLD) {
    const open = [OPEN_ROOTS, OPEN_SUB_RUNS].flatMap((sql) => db.all<Rowed<DagRun>>(sql, { limit: MAX_OPEN }));
    const openRuns = openAmong(open, isOpenRun);
    const next = writeMark({ ...ends, edges: 0, openRuns, openNodes: new Map() });
    return { cursor: next, reset: true, more: false, runs: [] };
  }
  const runs = step<DagRun>(limit, mark.runs, ends.runs, (range) => db.all(ALL_NEW_RUNS, { ...range }));
  const openRuns = db.all<Rowed<DagRun>>(ALL_RUNS_AT, { rids: rowids(mark.openRuns) });
  const restarted = db
    .all<Rowed<DagRun>>(RUNS_OF_NEW_NODES, { after: mark.nodes, until: ends.nodes, told: mark.runs })
    .filter(({ rid }) => !mark.openRuns.has(rid));
  return {
    cursor: writeMark({
      ...ends,
      runs: runs.until,
      edges: 0,
      openRuns: openAmong(newestOf([...openRuns, ...restarted, ...runs.rows].filter(isOpenRun)), isOpenRun),
      openNodes: new Map(),
    }),
    reset: false,
    more: runs.until < ends.runs,
    runs: [...runs.rows, ...changedSince(mark.openRuns, openRuns), ...restarted].map(withoutRid),
  };
}

/** Roots and sub-runs apart, since the sub-runs of a root are newer than it is, and can be many. */
function newestOf(runs: readonly Rowed<DagRun>[]): Rowed<DagRun>[] {
  const [roots = [], subRuns = []] = [true, false].map((isRoot) =>
    runs.filter(({ parentRunId }) => (parentRunId === null) === isRoot).toSorted((a, b) => b.rid - a.rid),
  );
  return [...roots.slice(0, MAX_OPEN), ...subRuns.slice(0, MAX_OPEN)];
}

const ENDS: readonly string[] = RUN_ENDS;
function isOpenRun({ status }: DagRun): boolean {
  return !ENDS.includes(status);
}

const ALL_NEW_RUNS = `SELECT ${ROWED_RUN} FROM dag_runs AS r WHERE ${IN_RANGE('r.rid')} ORDER BY r.rid LIMIT @limit + 0`;
const ALL_RUNS_AT = `SELECT ${ROWED_RUN} FROM json_each(@rids) AS k CROSS JOIN dag_runs AS r ON r.rid = k.value`;
const OPEN_ROOTS = openRunsWhere('r.parent_run_id IS NULL');
const OPEN_SUB_RUNS = openRunsWhere('r.parent_run_id IS NOT NULL');

function openRunsWhere(condition: string): string {
  return `SELECT ${ROWED_RUN} FROM dag_runs AS r WHERE r.status NOT IN ${inList(ENDS)} AND ${condition} ORDER BY r.rid DESC LIMIT @limit + 0`;
}

/** That a run that had ended goes on shows in its nodes that start: its own row changed at its old place. */
const RUNS_OF_NEW_NODES = `SELECT ${ROWED_RUN} FROM (SELECT DISTINCT run_id FROM file_nodes WHERE ${IN_RANGE('rid')}) AS n
  CROSS JOIN dag_runs AS r ON r.run_id = n.run_id WHERE +r.rid <= @told`;
