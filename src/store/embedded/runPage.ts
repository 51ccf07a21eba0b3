import type { DagRun } from '../../model.ts';
import type { RunFilter, Slice } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { type Bind, orderBy, RUN, sliceConditions } from './slices.ts';
import { type Wanted, wantedColumns } from './wanted.ts';

/**
 * A page of all runs that pass a filter. Each combination of values that columns must equal is a lane: one range of one
 * index, already in order. The page is the merge of its lanes, so it costs no more than their number and its own length,
 * however many runs there are. Where a text is known by its beginning only, its values have to be looked up: but for runs
 * that are common or rare, there are quicker ways, which are tried before.
 */
export function runPage(db: Connection, filter: RunFilter, slice: Slice): DagRun[] {
  const page = new Page(db, filter, slice);
  const rows = page.byFewLanes() ?? page.amongFirst() ?? page.amongFew() ?? page.byManyLanes();
  return slice.fromEnd ? rows.reverse() : rows;
}

/** Up to so many, lanes are the quickest way. */
const FEW_LANES = 64;
/** Rather than open more lanes, all runs are gone through in order of start, and those left out that do not pass. */
const MANY_LANES = 1_024;
/** Up to so many lanes, it is quicker to read a page of each and sort them than to search for every run. */
const SORTED_LANES = 3;
/** Among how many runs, and how many more for each of the page, common ones are looked for. */
const FIRST = 100;
const FIRST_FOR_EACH = 4;
/** So many runs of which a text begins alike are few enough to be sorted. */
const FEW_RUNS = 500;

/** Lanes: for each the values of these columns; and the conditions that are met on the way. */
interface Lanes {
  readonly columns: readonly string[];
  readonly values: readonly (readonly string[])[];
  readonly along: readonly Wanted[];
}

/** The ways to find a page, for `runPage` to choose from. The first ones give null where they do not lead to it. */
class Page {
  readonly #db: Connection;
  readonly #filter: RunFilter;
  readonly #slice: Slice;
  readonly #order: string;
  readonly #wanted: readonly Wanted[];
  readonly #parameters: Parameters;

  constructor(db: Connection, filter: RunFilter, slice: Slice) {
    this.#db = db;
    this.#filter = filter;
    this.#slice = slice;
    this.#order = orderBy(slice, 'newest');
    this.#wanted = wantedColumns(filter);
    this.#parameters = { limit: slice.limit };
  }

  byFewLanes(): DagRun[] | null {
    // The sub-runs of one run are few enough to be gone through in order of start.
    if (typeof this.#filter.parent === 'object') return this.#oneLane({ columns: [], along: this.#wanted }, []);
    if (this.#wanted.some(({ range }) => range)) return null;
    const lanes = this.#lanes(FEW_LANES);
    return lanes.along.length > 0 ? null : this.#merged(lanes);
  }

  amongFirst(): DagRun[] | null {
    const first = this.#bind('first', FIRST + FIRST_FOR_EACH * this.#slice.limit);
    const rows = this.#all(
      `SELECT ${RUN} FROM (
        SELECT r.rowid AS place FROM dag_runs AS r WHERE ${all(this.#places())} ORDER BY ${this.#order} LIMIT ${first} + 0
      ) AS first CROSS JOIN dag_runs AS r ON r.rowid = first.place WHERE ${all(this.#along(this.#wanted))} LIMIT @limit + 0`,
    );
    return rows.length === this.#slice.limit ? rows : null;
  }

  amongFew(): DagRun[] | null {
    const range = this.#wanted.find((wanted) => wanted.range)?.range;
    if (!range) return null;
    const few = this.#bind('few', FEW_RUNS);
    const rows = this.#all(
      `WITH few AS MATERIALIZED (SELECT r.rowid AS place FROM dag_runs AS r WHERE ${all(range(this.#bind))} LIMIT ${few} + 1)
      SELECT ${RUN} FROM few CROSS JOIN dag_runs AS r ON r.rowid = few.place
      WHERE ${all([`(SELECT count(*) FROM few) <= ${few}`, ...this.#places(), ...this.#along(this.#wanted)])}
      ORDER BY ${this.#order} LIMIT @limit + 0`,
    );
    return rows.length > 0 ? rows : null;
  }

  byManyLanes(): DagRun[] {
    return this.#merged(this.#lanes(MANY_LANES));
  }

  /** At most so many. */
  #lanes(most: number): Lanes {
    let values: string[][] = [[]];
    const columns: string[] = [];
    const along: Wanted[] = [];
    for (const wanted of this.#wanted) {
      const found = wanted.values(this.#db, most);
      if (found && found.length * values.length <= most) {
        values = values.flatMap((lane) => found.map((value) => [...lane, value]));
        columns.push(wanted.column);
      } else {
        along.push(wanted);
      }
    }
    return { columns, values, along };
  }

  #merged(lanes: Lanes): DagRun[] {
    const [lane, ...others] = lanes.values;
    if (!lane) return [];
    if (others.length === 0) return this.#oneLane(lanes, lane);
    this.#bind('lanes', JSON.stringify(lanes.values));
    return others.length < SORTED_LANES ? this.#sortedLanes(lanes) : this.#searchedLanes(lanes);
  }

  #oneLane({ columns, along }: Omit<Lanes, 'values'>, lane: readonly string[]): DagRun[] {
    const equal = columns.map((column, index) => equals(column, this.#bind(column, lane[index] ?? null)));
    return this.#read(`dag_runs AS r WHERE ${all([...this.#places(), ...equal, ...this.#along(along)])}`);
  }

  #sortedLanes(lanes: Lanes): DagRun[] {
    const page = this.#ofLane('k.value', lanes, this.#places());
    return this.#read(
      `json_each(@lanes) AS k CROSS JOIN dag_runs AS r ON r.rowid IN (${page} ORDER BY ${this.#order} LIMIT @limit + 0)`,
    );
  }

  /** Begins with the first run of each lane. The next one is always the first of all that are waiting, and has the one after it in its lane wait. */
  #searchedLanes(lanes: Lanes): DagRun[] {
    const filter = this.#filter;
    const slice = this.#slice;
    const { fromEnd } = slice;
    const first = this.#ofLane('k.value', lanes, this.#places());
    const next = this.#ofLane('page.lane', lanes, [
      `(r.started_at, r.run_id) ${fromEnd ? '>' : '<'} (page.startedAt, page.runId)`,
      // What comes after a run of the page comes after its beginning.
      ...(fromEnd
        ? this.#places({ ...filter, startedFrom: undefined }, { ...slice, before: undefined })
        : this.#places({ ...filter, startedUntil: undefined }, { ...slice, after: undefined })),
    ]);
    const direction = fromEnd ? 'ASC' : 'DESC';
    return this.#all(
      `WITH RECURSIVE page(lane, place, startedAt, runId) AS (
        SELECT k.value, r.rowid, r.started_at, r.run_id FROM json_each(@lanes) AS k
          CROSS JOIN dag_runs AS r ON r.rowid = (${first} ORDER BY ${this.#order} LIMIT 1)
        UNION ALL SELECT page.lane, r.rowid, r.started_at, r.run_id FROM page
          CROSS JOIN dag_runs AS r ON r.rowid = (${next} ORDER BY ${this.#order} LIMIT 1)
        ORDER BY 3 ${direction}, 4 ${direction} LIMIT @limit + 0
      ) SELECT ${RUN} FROM page CROSS JOIN dag_runs AS r ON r.rowid = page.place`,
    );
  }

  #ofLane(lane: string, { columns, along }: Lanes, places: readonly string[]): string {
    const equal = columns.map((column, index) => `r.${column} = ${lane} ->> ${index}`);
    return `SELECT r.rowid FROM dag_runs AS r WHERE ${all([...places, ...equal, ...this.#along(along)])}`;
  }

  #places(filter = this.#filter, slice = this.#slice): string[] {
    return placeConditions(filter, slice, this.#bind);
  }

  #along(wanted: readonly Wanted[]): string[] {
    return wanted.map(({ along }) => along(this.#bind));
  }

  readonly #bind: Bind = (name, value) => {
    this.#parameters[name] = value;
    return `@${name}`;
  };

  #read(from: string): DagRun[] {
    return this.#all(`SELECT ${RUN} FROM ${from} ORDER BY ${this.#order} LIMIT @limit + 0`);
  }

  #all(sql: string): DagRun[] {
    return this.#db.all(sql, this.#parameters);
  }
}

/** The conditions of such a page on each run by itself, for whoever goes through all runs. */
export function runConditions(filter: RunFilter, slice: Slice, bind: Bind): string[] {
  return [...placeConditions(filter, slice, bind), ...wantedColumns(filter).map(({ along }) => along(bind))];
}

function placeConditions({ parent, startedFrom, startedUntil }: RunFilter, slice: Slice, bind: Bind): string[] {
  const conditions = sliceConditions(slice, 'newest', bind);
  if (parent === 'roots') conditions.push('r.parent_run_id IS NULL');
  else if (parent) conditions.push(equals('parent_run_id', bind('parent', parent.runId)));
  if (startedFrom !== undefined) conditions.push(`r.started_at >= ${bind('from', startedFrom)}`);
  if (startedUntil !== undefined) conditions.push(`r.started_at < ${bind('until', startedUntil)}`);
  return conditions;
}

/** A parameter alone would have SQLite plan the statement anew at every call, as behind LIMIT. */
function equals(column: string, parameter: string): string {
  return `r.${column} = CAST(${parameter} AS TEXT)`;
}

function all(conditions: readonly string[]): string {
  return conditions.join(' AND ') || 'true';
}
