/** What one request may ask of the server. A server starts with the defaults and may set others. */
export interface Limits {
  /** How deep fields may nest. A sub-run inside a run takes three levels: `subDags`, `run`, `nodes`. */
  readonly maxDepth: number;
  /** Cost of a document: one for each field with all fragments spelled out; a page counts once more for every 50 runs. */
  readonly maxComplexity: number;
  /** Rows that one request may read from the store. */
  readonly maxRows: number;
  /** Bytes of inputs and outputs that one request may read. */
  readonly maxReadBytes: number;
  /** The largest `first` and `last`, and the most ids in one look-up. */
  readonly maxPageSize: number;
  /** Milliseconds after which a request reads nothing more. */
  readonly requestTimeoutMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxDepth: 25,
  maxComplexity: 2_000,
  // Rows of one run are read in one go, which holds up everyone else: these take some 40 ms.
  maxRows: 50_000,
  // The answer is one JSON string, which JavaScript cannot hold beyond half a gigabyte, and quotes inside it double.
  maxReadBytes: 128 * 1024 * 1024,
  maxPageSize: 1_000,
  requestTimeoutMs: 30_000,
};
