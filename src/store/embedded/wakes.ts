import type { Wake } from '../feed.ts';
import type { CommitWatch } from './watch.ts';

type Listener = (wake: Wake) => void;

/** Who is called at wakes. Other processes are watched only while somebody listens. */
export class Wakes {
  readonly #watch: CommitWatch;
  readonly #listeners = new Set<Listener>();

  constructor(watch: CommitWatch) {
    this.#watch = watch;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#watch.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#watch.stop();
    };
  }

  wake(wake: Wake): void {
    for (const listener of this.#listeners) listener(wake);
  }

  close(): void {
    this.#listeners.clear();
    this.#watch.stop();
  }
}
