import { createHash } from 'node:crypto';
import pg from 'pg';
import { Fault } from '../../errors.ts';
import { asFault, mayHelp } from './faults.ts';
import type { Place } from './place.ts';
import { toDriver, typeParser, type Value } from './values.ts';

export interface SessionOptions {
  /** Longest time that a statement may take, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** A pooler stands between that hands a connection to others after every transaction: nothing may be left behind in it. */
  readonly pooler: boolean;
  /** Called with every statement that is about to be sent; for tests and measurements. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

export interface Statement {
  readonly sql: string;
  readonly values?: readonly Value[];
}

/** How long it takes at most to connect, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;

/** How long the end of a connection is waited for, in milliseconds. */
const END_TIMEOUT = 3_000;

/**
 * What holds for our connections. Every statement is a few look-ups by index, whatever the tables' statistics say, and whoever
 * waits in a transaction holds up others.
 */
const SETTINGS = {
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '15s',
};

/**
 * One connection to one database, the only door to the driver. Statements are sent as they come and not only when the one before
 * has its answer; each answers for itself.
 */
export class Session {
  readonly #client: pg.Client;
  /** Which database it is, without secrets. */
  readonly location: string;
  readonly #pooler: boolean;
  readonly #onStatement: (sql: string) => void;
  #isLost = false;

  private constructor(client: pg.Client, place: Place, { pooler, onStatement = () => {} }: SessionOptions) {
    this.#client = client;
    this.location = place.location;
    this.#pooler = pooler;
    this.#onStatement = onStatement;
    client.on('end', () => {
      this.#isLost = true;
    });
  }

  /** @throws Fault */
  static async connect(place: Place, options: SessionOptions): Promise<Session> {
    const client = newClient(place, options);
    // Without a listener, an error between two statements would end the process. Those who wait for an answer get it too.
    client.on('error', () => {});
    const session = new Session(client, place, options);
    try {
      await client.connect();
      return session;
    } catch (error) {
      session.#drop();
      throw asFault(error, place.location);
    }
  }

  /** False: it can no longer be used. */
  get isOpen(): boolean {
    return !this.#isLost;
  }

  /** All rows, with columns named as in the statement. */
  async all<Row extends pg.QueryResultRow>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return (await this.#send<Row>({ sql, values })).rows;
  }

  /** Runs statements that take no parameters, all or none of them. */
  async script(sql: string): Promise<void> {
    await this.#send({ sql });
  }

  /** Sends statements at once, in one round trip, and gives the rows of each. If one fails, in a transaction the others do too. */
  async batch(statements: readonly Statement[]): Promise<pg.QueryResult[]> {
    // In one piece, too: many small ones are more work than what is in them.
    const { stream } = this.#client.connection;
    stream.cork();
    const sent = statements.map((statement) => this.#send(statement));
    stream.uncork();
    const answers = await Promise.allSettled(sent);
    return answers.map((answer) => {
      // The first that failed says why.
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    });
  }

  /** Reads one unchanging state of the database, in one round trip. */
  async snapshot(statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
    const begin = { sql: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };
    const answers = await this.batch([begin, ...statements, { sql: 'COMMIT' }]);
    return answers.slice(1, -1).map(({ rows }) => rows);
  }

  /** Calls `listener` with what is notified on a channel from now on. */
  async listen(channel: string, listener: (payload: string) => void): Promise<void> {
    this.#client.on('notification', ({ payload = '' }) => listener(payload));
    await this.script(`LISTEN ${this.#client.escapeIdentifier(channel)}`);
  }

  /** Resolves when the connection has ended, whatever the reason. */
  async ended(): Promise<void> {
    if (this.isOpen) await new Promise<void>((resolve) => this.#client.once('end', resolve));
  }

  /** Waits for the answers to what was sent, but not for a server that is cut off. */
  async end(): Promise<void> {
    this.#isLost = true;
    const patience = setTimeout(() => this.#drop(), END_TIMEOUT);
    await this.#client.end();
    clearTimeout(patience);
  }

  #drop(): void {
    this.#client.connection.stream.destroy();
  }

  #giveUp(): void {
    if (this.isOpen) this.end().catch(() => {});
  }

  async #send<Row extends pg.QueryResultRow>({ sql, values }: Statement): Promise<pg.QueryResult<Row>> {
    this.#onStatement(sql);
    try {
      if (!values) return await this.#client.query<Row>(sql);
      const query = { text: sql, values: values.map(toDriver) };
      return await this.#client.query<Row>(this.#pooler ? query : { ...query, name: nameOf(sql) });
    } catch (error) {
      const fault = asFault(error, this.location);
      if (mayHelp(fault) === 'anew') this.#giveUp();
      throw fault;
    }
  }
}

function newClient(place: Place, { statementTimeoutMs, pooler }: SessionOptions): pg.Client {
  const url = new URL(place.url);
  if (!pooler) {
    const settings = Object.entries({ ...SETTINGS, statement_timeout: `${statementTimeoutMs}ms` });
    const given = url.searchParams.get('options') ?? '';
    url.searchParams.set('options', [...settings.map(([name, value]) => `-c ${name}=${value}`), given].join(' '));
  }
  try {
    return new pg.Client({
      connectionString: url.href,
      application_name: 'dagloupe',
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      pipeline: true,
      // Of a server that is cut off no answer comes, not even that it took too long.
      query_timeout: statementTimeoutMs + CONNECT_TIMEOUT,
      types: { getTypeParser: typeParser },
    });
  } catch {
    // The reason may repeat the URL.
    throw new Fault(
      'BAD_REQUEST',
      `${place.location}: its URL cannot be read; look at the options after the question mark`,
    );
  }
}

const names = new Map<string, string>();

/** Filters of pages can be put together in thousands of ways, and a connection keeps whatever was prepared. */
const MAX_NAMES = 300;

/** What a prepared statement is called: the same for the same text, on every connection. Empty for one that is not to be kept. */
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    if (names.size >= MAX_NAMES) return '';
    name = createHash('sha256').update(sql).digest('base64url').slice(0, 20);
    names.set(sql, name);
  }
  return name;
}
