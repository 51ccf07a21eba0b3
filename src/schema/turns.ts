/** Turns of the event loop: what takes long gives way to others between its parts. */

/** How long a request works in one go, in milliseconds. */
const TURN_MS = 10;

/** Resolves in a later turn, in the order of asking and one in each turn: however many requests are large, others wait for one part of one. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // The first may still be in the turn that asks: Node looks at sockets between the two.
    if (waiting.push(resolve) === 1) setImmediate(() => setImmediate(goOn));
  });
}

const waiting: (() => void)[] = [];

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}

/** The turns that one request takes. */
export class Turns {
  #since = performance.now();

  /** To be awaited between two parts of the work; undefined while it has not taken long. */
  giveWay(): Promise<void> | undefined {
    return performance.now() - this.#since < TURN_MS ? undefined : this.#next();
  }

  async #next(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}

/** What comes of each item, as `map` gives it. */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  make: (item: Item) => Result,
  turns: Turns,
): Promise<Result[]> {
  const made: Result[] = [];
  for (const item of items) {
    const others = made.length % STEP === 0 ? turns.giveWay() : undefined;
    if (others) await others;
    made.push(make(item));
  }
  return made;
}

/** Fewer items than this take less than a millisecond, and to ask for the time takes longer than one of them. */
const STEP = 64;
