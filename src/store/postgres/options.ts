/** How a database is reached. */
export interface PostgresOptions {
  /** A replica to read from, but for what has just been written. */
  readonly readUrl?: string | null;
  /** Where to listen for what other servers write, if the other URL leads through a pooler. */
  readonly listenUrl?: string | null;
  /** A pooler stands between, which keeps no prepared statements. */
  readonly pooler?: boolean;
  /** Longest time that a statement may take, in milliseconds. */
  readonly statementTimeoutMs?: number;
}
