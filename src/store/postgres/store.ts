import { Fault } from '../../errors.ts';
import type { Recorded, RunEvent } from '../../model.ts';
import type { RunChanges, TreeChanges, Wake } from '../feed.ts';
import { GroupCommit } from '../groupCommit.ts';
import { DEFAULT_EVENT_LIMITS, type EventLimits } from '../ledger/check.ts';
import type { Store } from '../store.ts';
import { runChanges, treeChanges } from './changes.ts';
import { recordBatches } from './commit.ts';
import { Line } from './line.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { Notices } from './notices.ts';
import { type Place, placeOf } from './place.ts';
import { PostgresReads } from './reads.ts';
import { mayWrite, migrate, schemaVersion } from './schema.ts';
import { Session, type SessionOptions } from './session.ts';

export interface PostgresStoreOptions extends Partial<SessionOptions> {
  readonly limits?: EventLimits | undefined;
  /** Make no tables where there are none. */
  readonly mustExist?: boolean | undefined;
  /** Where to listen for what other servers write, if the other URL leads through a pooler. */
  readonly listenUrl?: string | null | undefined;
}

/** A store, and whether its tables were made just now. */
export interface OpenedPostgres {
  readonly store: Store;
  readonly isNew: boolean;
}

/** Longest time that a statement may take unless it is said, in milliseconds. */
const STATEMENT_TIMEOUT = 30_000;

/**
 * Opens dagloupe's tables in a PostgreSQL database, or makes them: in the first schema of the search path. Any number of servers may
 * share them.
 * @throws Fault
 */
export async function openPostgresStore(url: string, options: PostgresStoreOptions = {}): Promise<OpenedPostgres> {
  const place = placeOf(url);
  const { statementTimeoutMs = STATEMENT_TIMEOUT, pooler = false, onStatement, listenUrl } = options;
  const session = { statementTimeoutMs, pooler, onStatement };
  const direct = listenUrl ? placeOf(listenUrl) : place;
  const lines: Lines = {
    place,
    primary: new Line(() => Session.connect(place, session)),
    writer: new Line(() => Session.connect(place, session)),
    listener: () => Session.connect(direct, { ...session, pooler: false }),
  };
  try {
    const found = await prepare(await lines.primary.session(), options);
    const store = new PostgresStore(lines, found.lane, options.limits ?? DEFAULT_EVENT_LIMITS);
    return { store, isNew: found.isNew };
  } catch (error) {
    await lines.primary.close();
    throw error;
  }
}

/** The connections of a store. */
interface Lines {
  readonly place: Place;
  readonly primary: Line;
  readonly writer: Line;
  readonly listener: () => Promise<Session>;
}

/** The lane that had the fewest commits: servers that start later share it last. */
const LEAST_USED_LANE = 'SELECT lane FROM commit_lanes ORDER BY commits, random() LIMIT 1';

/** Brings the schema up to date. The lane for commits is null where nothing can be written. */
async function prepare(
  session: Session,
  { mustExist = false }: PostgresStoreOptions,
): Promise<{ lane: number | null; isNew: boolean }> {
  const version = await schemaVersion(session);
  if (version === 0 && mustExist) {
    throw new Fault('BAD_REQUEST', `${session.location} has no runs of dagloupe; give a database with runs in it`);
  }
  if (version < MIGRATIONS.length) await migrate(session);
  if (!(await mayWrite(session))) return { lane: null, isNew: false };
  const [row] = await session.all<{ lane: number }>(LEAST_USED_LANE);
  return { lane: row?.lane ?? 0, isNew: version === 0 };
}

class PostgresStore extends PostgresReads implements Store {
  readonly kind = 'postgres';
  readonly location: string;
  readonly capabilities: Store['capabilities'];
  readonly #lines: Lines;
  readonly #commits: GroupCommit;
  readonly #notices: Notices;
  #closing = false;

  constructor(lines: Lines, lane: number | null, limits: EventLimits) {
    super((read) => lines.primary.read(read));
    this.#lines = lines;
    this.location = lines.place.location;
    this.capabilities = { writable: lane !== null };
    this.#commits = new GroupCommit(async (batches) => {
      const { recorded, rootRunIds } = await recordBatches(lines.writer, lane ?? 0, batches, limits);
      if (rootRunIds.length > 0) this.#notices.committed(rootRunIds);
      return recorded;
    });
    this.#notices = new Notices({
      connect: lines.listener,
      send: (sql, values) => lines.primary.read((session) => session.all(sql, values)),
    });
  }

  async record(events: readonly RunEvent[]): Promise<Recorded> {
    if (!this.capabilities.writable) {
      throw new Fault(
        'READ_ONLY_STORE',
        `${this.location} can only be read, by this user or at this server; connect as a user who may write, to the primary server`,
      );
    }
    if (this.#closing) {
      throw new Fault('STORE_UNAVAILABLE', `${this.location} is being closed; nothing more is recorded`);
    }
    return this.#commits.record(events);
  }

  treeChanges(rootRunId: string, after: string | null, limit: number): Promise<TreeChanges | null> {
    return this.#lines.primary.read((session) => treeChanges(session, rootRunId, after, limit));
  }

  runChanges(after: string | null, limit: number): Promise<RunChanges> {
    return this.#lines.primary.read((session) => runChanges(session, after, limit));
  }

  onWake(listener: (wake: Wake) => void): () => void {
    return this.#notices.add(listener);
  }

  async check(): Promise<void> {
    await this.#lines.primary.read((session) => session.all('SELECT 1 FROM dag_runs LIMIT 1'));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#commits.idle();
    await this.#notices.close();
    await Promise.all([this.#lines.primary.close(), this.#lines.writer.close()]);
  }
}
