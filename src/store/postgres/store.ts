import { Fault } from '../../errors.ts';
import type { Recorded, RunEvent } from '../../model.ts';
import type { RunChanges, TreeAt, TreeChanges, Wake } from '../feed.ts';
import { GroupCommit } from '../groupCommit.ts';
import { DEFAULT_EVENT_LIMITS, type EventLimits } from '../ledger/check.ts';
import type { Store } from '../store.ts';
import type { Transfer } from '../transfer.ts';
import { movedTrees, runChanges, treeChanges } from './changes.ts';
import { recordBatches, transaction } from './commit.ts';
import { Line } from './line.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { Notices } from './notices.ts';
import type { PostgresOptions } from './options.ts';
import { type Place, placeOf } from './place.ts';
import { PostgresReads } from './reads.ts';
import { checkEncoding, mayWrite, migrate, schemaVersion } from './schema.ts';
import { Session, type SessionOptions } from './session.ts';
import { importTrees, nodeHistories, runHistories } from './transfer.ts';

export interface PostgresStoreOptions extends PostgresOptions, Pick<SessionOptions, 'onStatement'> {
  readonly limits?: EventLimits;
  /** Make no tables where there are none. */
  readonly mustExist?: boolean;
}

/** A store, and whether its tables were made just now. */
export interface OpenedPostgres {
  readonly store: Store;
  readonly isNew: boolean;
}

/**
 * Opens dagloupe's tables in a PostgreSQL database, or makes them: in the first schema of the search path. Any number of servers may
 * share them.
 * @throws Fault
 */
export async function openPostgresStore(url: string, options: PostgresStoreOptions = {}): Promise<OpenedPostgres> {
  const { readUrl, listenUrl, pooler = false, statementTimeoutMs = 15_000, onStatement } = options;
  const primary = placeOf(url);
  const connectTo =
    (place: Place, through = pooler) =>
    () =>
      Session.connect(place, { statementTimeoutMs, pooler: through, onStatement });
  const lines: Lines = {
    primary: new Line(connectTo(primary)),
    writer: new Line(connectTo(primary)),
    importer: new Line(connectTo(primary)),
    replica: readUrl ? new Line(connectTo(placeOf(readUrl))) : null,
  };
  const direct = listenUrl ? placeOf(listenUrl) : pooler ? null : primary;
  try {
    const found = await prepare(await lines.primary.session(), options);
    // A wrong way to the replica is told now, not to whoever reads first.
    await lines.replica?.session();
    const shared = new Shared(
      lines,
      direct && connectTo(direct, false),
      found.lane,
      options.limits ?? DEFAULT_EVENT_LIMITS,
    );
    return { store: new PostgresStore(primary.location, shared, lines.replica ?? lines.primary), isNew: found.isNew };
  } catch (error) {
    await Promise.all([lines.primary.close(), lines.replica?.close()]);
    throw error;
  }
}

/** The lane that had the fewest commits: servers that start later share it last. */
const LEAST_USED_LANE = 'SELECT lane FROM commit_lanes ORDER BY commits, random() LIMIT 1';

/** Brings the schema up to date. The lane for commits is null where nothing can be written. */
async function prepare(
  session: Session,
  { mustExist = false }: PostgresStoreOptions,
): Promise<{ lane: number | null; isNew: boolean }> {
  await checkEncoding(session);
  const version = await schemaVersion(session);
  if (version === 0 && mustExist) {
    throw new Fault('BAD_REQUEST', `${session.location} has no runs of dagloupe; give a database with runs in it`);
  }
  if (version < MIGRATIONS.length) await migrate(session);
  if (!(await mayWrite(session))) return { lane: null, isNew: false };
  const [row] = await session.all<{ lane: number }>(LEAST_USED_LANE);
  return { lane: row?.lane ?? 0, isNew: version === 0 };
}

/** The connections of a store. */
interface Lines {
  readonly primary: Line;
  readonly writer: Line;
  /** For copies: a transaction has its connection to itself. */
  readonly importer: Line;
  readonly replica: Line | null;
}

/** What reads of either server have in common. */
class Shared {
  readonly lines: Lines;
  readonly isWritable: boolean;
  readonly commits: GroupCommit;
  readonly notices: Notices;
  readonly transfer: Transfer;
  isClosing = false;

  constructor(lines: Lines, listener: (() => Promise<Session>) | null, lane: number | null, limits: EventLimits) {
    this.lines = lines;
    this.isWritable = lane !== null;
    this.commits = new GroupCommit(async (batches) => {
      const { recorded, rootRunIds } = await recordBatches(lines.writer, lane ?? 0, batches, limits);
      if (rootRunIds.length > 0) this.notices.committed(rootRunIds);
      return recorded;
    });
    this.notices = new Notices({
      connect: listener,
      send: (sql, values) => lines.primary.read((session) => session.all(sql, values)),
    });
    let last: Promise<unknown> = Promise.resolve();
    this.transfer = {
      runHistories: (runIds) => lines.primary.read((session) => runHistories(session, runIds)),
      nodeHistories: (keys) => lines.primary.read((session) => nodeHistories(session, keys)),
      importTrees: async (parts) => {
        const imported = last.then(() =>
          transaction(lines.importer, (session) => importTrees(session, parts, lane ?? 0)),
        );
        last = imported.catch(() => {});
        const { written, leftAlone } = await imported;
        if (written.length > 0) this.notices.committed(written);
        return leftAlone;
      },
    };
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.commits.idle();
    await this.notices.close();
    await Promise.all(Object.values(this.lines).map((line: Line | null) => line?.close()));
  }
}

class PostgresStore extends PostgresReads implements Store {
  readonly kind = 'postgres';
  readonly location: string;
  readonly capabilities: Store['capabilities'];
  readonly transfer: Transfer;
  readonly upToDate: Store;
  readonly #shared: Shared;
  readonly #reads: Line;

  constructor(location: string, shared: Shared, reads: Line) {
    super((read) => reads.read(read));
    this.location = location;
    this.capabilities = { writable: shared.isWritable };
    this.transfer = shared.transfer;
    this.#shared = shared;
    this.#reads = reads;
    const { primary } = shared.lines;
    this.upToDate = reads === primary ? this : new PostgresStore(location, shared, primary);
  }

  async record(events: readonly RunEvent[]): Promise<Recorded> {
    if (!this.capabilities.writable) {
      throw new Fault(
        'READ_ONLY_STORE',
        `${this.location} can only be read by this user or at this server; connect as a user who may write, to the primary server`,
      );
    }
    if (this.#shared.isClosing) {
      throw new Fault('STORE_UNAVAILABLE', `${this.location} is being closed; nothing more is recorded`);
    }
    return this.#shared.commits.record(events);
  }

  treeChanges(rootRunId: string, after: string | null, limit: number): Promise<TreeChanges | null> {
    return this.#shared.lines.primary.read((session) => treeChanges(session, rootRunId, after, limit));
  }

  runChanges(after: string | null, limit: number): Promise<RunChanges> {
    return this.#shared.lines.primary.read((session) => runChanges(session, after, limit));
  }

  movedTrees(trees: readonly TreeAt[]): Promise<string[]> {
    return this.#shared.lines.primary.read((session) => movedTrees(session, trees));
  }

  onWake(listener: (wake: Wake) => void): () => void {
    return this.#shared.notices.add(listener);
  }

  async check(): Promise<void> {
    const check = (line: Line): Promise<unknown> =>
      line.read((session) => session.all('SELECT 1 FROM dag_runs LIMIT 1'));
    await Promise.all([this.#reads, this.#shared.lines.primary].map(check));
  }

  close(): Promise<void> {
    return this.#shared.close();
  }
}
