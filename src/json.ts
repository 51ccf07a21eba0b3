/**
 * JSON text, as runners write it: JSON proper, or Python's superset of it with NaN, Infinity and -Infinity.
 *
 * The raw text is the truth: it is looked over, never rewritten. One scanner answers both questions asked of it: is this a
 * payload at all, and can JavaScript hold its value.
 */
import { Flaw, type Listener, scan } from './json/scan.ts';

/** The deepest nesting that is parsed: whoever gets the value has to serialise it again, and that recurses. */
const MAX_DEPTH = 1000;

/**
 * Says whether a text is a payload.
 *
 * @returns null if it is JSON or Python's superset of it; else what is wrong, and where. Raw lone surrogates are refused,
 *   since they have no UTF-8 form; as escapes (`\ud800`) they are fine. Neither depth nor the length of numbers is limited.
 */
export function checkJson(text: string): string | null {
  return firstFlaw(text, null);
}

/** The value of a payload, or what about it JavaScript cannot hold, and where that is. */
export type Inspected =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/**
 * Parses a payload if JavaScript can hold it unchanged: no NaN or Infinity, no integer beyond ±(2^53-1), no number that
 * overflows, no object with the same key twice, at most 1,000 levels. A key `__proto__` is a key like any other.
 */
export function inspectJson(text: string): Inspected {
  const reason = firstFlaw(text, new Holdable());
  return reason === null ? { ok: true, value: JSON.parse(text) } : { ok: false, reason };
}

function firstFlaw(text: string, listener: Listener | null): string | null {
  try {
    scan(text, listener);
    if (!text.isWellFormed()) throw new Flaw(loneSurrogate(text), 'a lone surrogate must be written as an escape');
    return null;
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    return `${place(text, flaw.at)}: ${flaw.message}`;
  }
}

function place(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}

/** A key for a message: quoted, and not longer than a message should be. */
function shown(key: string): string {
  return JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key);
}

function loneSurrogate(text: string): number {
  const alone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  return text.search(alone);
}

/** Holds against a payload whatever JSON.parse would lose or change. */
class Holdable implements Listener {
  /** The keys met in each list or object that is open; undefined before the first. */
  readonly #open: (Set<string> | undefined)[] = [];

  open(at: number, depth: number): void {
    if (depth > MAX_DEPTH) throw new Flaw(at, `nesting deeper than ${MAX_DEPTH} levels`);
    this.#open.push(undefined);
  }

  close(): void {
    this.#open.pop();
  }

  key(text: string, at: number, end: number): void {
    const raw = text.slice(at + 1, end - 1);
    const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
    const innermost = this.#open.length - 1;
    const keys = this.#open[innermost];
    if (keys?.has(key)) throw new Flaw(at, `the key ${shown(key)} a second time in one object`);
    if (keys) keys.add(key);
    else this.#open[innermost] = new Set([key]);
  }

  number(text: string, at: number, end: number, isInteger: boolean): void {
    if (isInteger && end - at <= 15) return;
    const value = Number(text.slice(at, end));
    if (isInteger && !Number.isSafeInteger(value))
      throw new Flaw(at, 'an integer beyond ±(2^53-1), which JavaScript would round');
    if (!Number.isFinite(value)) throw new Flaw(at, 'a number that JavaScript would turn into Infinity');
  }

  notFinite(word: string, at: number): void {
    throw new Flaw(at, `${word} is no JSON and cannot be parsed`);
  }
}
