import type { Store } from '../store.ts';
import type { Transfer } from '../transfer.ts';
import type { Problem, Tally } from './tally.ts';

/** What goes on for the whole of a copy. */
export interface Job {
  readonly source: Store;
  readonly target: Store;
  readonly transfer: Transfer;
  readonly tally: Tally;
  /** Compare the texts of payloads that are there, not only their sizes. */
  readonly thorough: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: () => void;
  readonly onProblem: (problem: Problem) => void;
}
