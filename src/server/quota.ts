import { Refusal } from './refusal.ts';

/** Counts what there is at once, for each key, and refuses more than the most. */
export class Quota {
  readonly #most: number;
  readonly #refusal: string;
  readonly #counts = new Map<string, number>();

  /** @param refusal What a client is told that wants more, with a remedy. */
  constructor(most: number, refusal: string) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /**
   * Takes one, and gives the function that gives it back; calling that again does nothing.
   *
   * @throws Refusal: 429 LIMIT_EXCEEDED when all are taken.
   */
  take(key = ''): () => void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most) throw new Refusal(429, 'LIMIT_EXCEEDED', this.#refusal);
    this.#counts.set(key, count + 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#giveBack(key);
      isTaken = false;
    };
  }

  #giveBack(key: string): void {
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
