import type { Problem, Tally } from '../../store/copy/tally.ts';
import { problemLine, progressLine } from './words.ts';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How often the bar is drawn, and how often a line is written where there is no terminal, in milliseconds. */
const REDRAWN_EVERY = 100;
const TOLD_EVERY = 5_000;

/** How many problems are told one by one. */
const MAX_TOLD = 50;

const CLEAR = '\r\x1b[K';

/** Shows on standard error how far a copy has come: as a bar on a terminal, elsewhere as a line now and then. */
export class ProgressView {
  readonly #out: Output;
  readonly #startedAt = performance.now();
  #shownAt = performance.now();
  #told = 0;
  #isDrawn = false;

  constructor({ stderr }: { readonly stderr: Output }) {
    this.#out = stderr;
  }

  progress(tally: Tally): void {
    const now = performance.now();
    if (now - this.#shownAt < (this.#out.isTTY ? REDRAWN_EVERY : TOLD_EVERY)) return;
    this.#shownAt = now;
    const line = progressLine(tally, now - this.#startedAt);
    this.#out.write(this.#out.isTTY ? `${CLEAR}${line}` : `dagloupe: ${line}\n`);
    this.#isDrawn = this.#out.isTTY ?? false;
  }

  problem(problem: Problem): void {
    this.#told += 1;
    if (this.#told > MAX_TOLD + 1) return;
    this.#clear();
    const line = this.#told > MAX_TOLD ? 'more problems are counted, and not told one by one' : problemLine(problem);
    this.#out.write(`dagloupe: ${line}\n`);
  }

  /** Nothing more comes. */
  close(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#isDrawn) this.#out.write(CLEAR);
    this.#isDrawn = false;
  }
}
