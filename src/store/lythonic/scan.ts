/** A page of a file whose mirror is still in the making: found by going through all runs, in slices, so that nobody is held up. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { DagRun } from '../../model.ts';
import type { Parameters } from '../embedded/connection.ts';
import { textKeys } from '../embedded/keys.ts';
import { runConditions } from '../embedded/runPage.ts';
import { orderBy } from '../embedded/slices.ts';
import type { RunFilter, Slice } from '../store.ts';
import type { AttachedFile } from './attached.ts';
import type { Connection } from './connect.ts';
import { BEFORE_ALL, nextRows, within } from './copy.ts';

/** How many runs are gone through at once: some milliseconds. */
const STEP = 10_000;

type FileRun = Omit<DagRun, 'rootRunId'>;

export async function scanPage(file: AttachedFile, filter: RunFilter, slice: Slice): Promise<DagRun[]> {
  const parameters: Parameters = { limit: slice.limit };
  const conditions = runConditions(filter, slice, (name, value) => {
    parameters[name] = value;
    return `@${name}`;
  });
  const sql = bestOf(conditions, orderBy(slice, 'newest'));
  const best = new Best(slice);
  let scanned: Connection | null = null;
  for (let after = BEFORE_ALL, atEnd = false; !atEnd; ) {
    await breathe();
    const step = await file.peek((db) => {
      // Another file has taken the place of the one that was begun with.
      if (db !== scanned) {
        scanned = db;
        best.clear();
        after = BEFORE_ALL;
      }
      const next = nextRows(db, 'file_runs', after, STEP);
      return { ...next, runs: db.all<FileRun>(sql, { ...parameters, after, until: next.last }) };
    });
    best.add(step.runs);
    ({ last: after, atEnd } = step);
  }
  const runs = best.runs();
  return file.peek((db) => withRoots(db, slice.fromEnd ? runs.reverse() : runs));
}

/** The first runs in a slice's order, of all that were added. */
class Best {
  readonly #limit: number;
  readonly #sign: number;
  #runs = new Map<string, FileRun>();

  constructor({ limit, fromEnd }: Slice) {
    this.#limit = limit;
    this.#sign = fromEnd ? 1 : -1;
  }

  /** A run that comes again has moved in the file meanwhile: its later state counts. */
  add(runs: readonly FileRun[]): void {
    if (runs.length === 0) return;
    for (const run of runs) this.#runs.set(run.runId, run);
    const sorted = [...this.#runs.values()].sort((a, b) => this.#sign * byStart(a, b));
    this.#runs = new Map(sorted.slice(0, this.#limit).map((run) => [run.runId, run]));
  }

  clear(): void {
    this.#runs.clear();
  }

  runs(): FileRun[] {
    return [...this.#runs.values()];
  }
}

/** Oldest first; ids in the order of UTF-8 bytes, as SQLite has them. */
function byStart(a: FileRun, b: FileRun): number {
  return a.startedAt - b.startedAt || Buffer.compare(Buffer.from(a.runId), Buffer.from(b.runId));
}

function bestOf(conditions: readonly string[], order: string): string {
  return `SELECT r.run_id AS runId, r.dag_nsref AS dagNsref, r.parent_run_id AS parentRunId, r.status, r.started_at AS startedAt,
    r.finished_at AS finishedAt, r.initiated_by AS initiatedBy
    FROM (
      SELECT r.rid FROM file_runs AS r WHERE ${[within('r.rid'), ...conditions].join(' AND ')} ORDER BY ${order} LIMIT @limit + 0
    ) AS b CROSS JOIN file_runs AS r ON r.rid = b.rid`;
}

const PARENTS =
  'SELECT run_id AS runId, parent_run_id AS parentRunId FROM file_runs WHERE run_id IN (SELECT value FROM json_each(@runIds))';

/** Goes up from all runs at once, level by level. */
function withRoots(db: Connection, runs: readonly FileRun[]): DagRun[] {
  const parents = new Map(runs.map(({ runId, parentRunId }) => [runId, parentRunId]));
  for (let level = [...parents.values()]; level.length > 0; ) {
    const unknown = level.filter((id) => id !== null && !parents.has(id));
    const found = db.all<Pick<DagRun, 'runId' | 'parentRunId'>>(PARENTS, {
      runIds: textKeys([...new Set(unknown)].filter((id) => id !== null)),
    });
    for (const { runId, parentRunId } of found) parents.set(runId, parentRunId);
    level = found.map(({ parentRunId }) => parentRunId);
  }
  return runs.map((run) => ({ ...run, rootRunId: rootOf(run.runId, parents) }));
}

/** The last run on the way up that is there; in a circle of parents, the one that comes again. */
function rootOf(runId: string, parents: ReadonlyMap<string, string | null>): string {
  const met = new Set<string>();
  let top = runId;
  for (
    let parent = parents.get(top);
    parent != null && parents.has(parent) && !met.has(top);
    parent = parents.get(top)
  ) {
    met.add(top);
    top = parent;
  }
  return top;
}
