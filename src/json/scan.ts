/**
 * Goes over JSON text, with Python's NaN, Infinity and -Infinity, without building anything. It keeps its own stack, so that
 * depth costs memory and not calls, and is about as fast as JSON.parse.
 */

/** Hears of what the syntax allows and throws a flaw if it has something against it. */
export interface Listener {
  /** A list or an object begins; with it, so many are open. */
  open(at: number, depth: number): void;
  close(): void;
  key(text: string, at: number, end: number): void;
  number(text: string, at: number, end: number, isInteger: boolean): void;
  /** NaN, Infinity or -Infinity. */
  notFinite(word: string, at: number): void;
}

/** Something wrong at an offset. */
export class Flaw extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BIG_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const END = -1;

/**
 * Goes over one value and whatever is in it, up to the end of the text.
 * @throws Flaw where the text is no JSON, or where the listener has something against it.
 */
export function scan(text: string, listener: Listener | null): void {
  /** What closes each list and object that is open around the innermost one, and what closes that. */
  const outer: number[] = [];
  let closer = END;
  let at = 0;
  for (;;) {
    at = afterSpace(text, at);
    const code = codeAt(text, at);
    if (code === OPEN_LIST || code === OPEN_OBJECT) {
      outer.push(closer);
      closer = code + 2;
      listener?.open(at, outer.length);
      at = afterSpace(text, at + 1);
      if (codeAt(text, at) !== closer) {
        if (code === OPEN_OBJECT) at = afterKey(text, at, listener);
        continue;
      }
    } else {
      at = afterScalar(text, at, code, listener);
    }

    // A value has ended, or an empty one is about to: close what closes here, until a comma calls for the next.
    for (;;) {
      at = afterSpace(text, at);
      const after = codeAt(text, at);
      if (after === COMMA && closer !== END) break;
      if (after !== closer) throw unexpected(text, at, AFTER_VALUE[closer] ?? '');
      if (closer === END) return;
      closer = outer.pop() ?? END;
      listener?.close();
      at++;
    }
    at++;
    if (closer === CLOSE_OBJECT) at = afterKey(text, afterSpace(text, at), listener);
  }
}

const AFTER_VALUE: Record<number, string> = {
  [CLOSE_LIST]: '"," or "]"',
  [CLOSE_OBJECT]: '"," or "}"',
  [END]: 'the end of the text',
};

/** From a key to where its value begins. */
function afterKey(text: string, at: number, listener: Listener | null): number {
  if (codeAt(text, at) !== QUOTE) throw unexpected(text, at, 'a key in double quotes');
  const end = afterString(text, at);
  listener?.key(text, at, end);
  const colon = afterSpace(text, end);
  if (codeAt(text, colon) !== COLON) throw unexpected(text, colon, '":"');
  return colon + 1;
}

function afterScalar(text: string, at: number, code: number, listener: Listener | null): number {
  if (code === QUOTE) return afterString(text, at);
  if (isDigit(code) || (code === MINUS && isDigit(codeAt(text, at + 1)))) {
    const integerEnd = afterInteger(text, at);
    const end = afterFraction(text, integerEnd);
    listener?.number(text, at, end, end === integerEnd);
    return end;
  }
  const word = WORDS.find((known) => text.startsWith(known, at));
  if (word === undefined) throw unexpected(text, at, 'a value');
  if (NOT_FINITE.includes(word)) listener?.notFinite(word, at);
  return at + word.length;
}

const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'];
const WORDS = ['null', 'true', 'false', ...NOT_FINITE];

function afterString(text: string, quote: number): number {
  let at = quote + 1;
  for (;;) {
    at = nextSpecial(text, at);
    const code = codeAt(text, at);
    if (code === QUOTE) return at + 1;
    if (code === END) throw new Flaw(quote, 'a string is never closed');
    if (code !== BACKSLASH) throw new Flaw(at, 'a control character in a string must be written as an escape');
    at = lastOfEscape(text, at) + 1;
  }
}

/** The next character that is not plainly part of a string. */
function nextSpecial(text: string, start: number): number {
  const near = Math.min(start + 16, text.length);
  for (let at = start; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code === BACKSLASH || code < 0x20) return at;
  }
  // Long strings are the bulk of large payloads: searching for a class of one character runs natively and never backtracks.
  SPECIAL.lastIndex = near;
  return SPECIAL.test(text) ? SPECIAL.lastIndex - 1 : text.length;
}

const SPECIAL = /[^ !#-[\]-\uffff]/g;

/** The last character of the escape that begins here. */
function lastOfEscape(text: string, at: number): number {
  const kind = text.charAt(at + 1);
  if (kind !== '' && '"\\/bfnrt'.includes(kind)) return at + 1;
  if (kind === 'u' && isHex(text, at + 2) && isHex(text, at + 3) && isHex(text, at + 4) && isHex(text, at + 5))
    return at + 5;
  throw new Flaw(at, 'an escape in a string is none that JSON knows');
}

function afterInteger(text: string, start: number): number {
  const at = codeAt(text, start) === MINUS ? start + 1 : start;
  return codeAt(text, at) === ZERO ? at + 1 : afterDigits(text, at);
}

/** Fraction and exponent, if there are any. */
function afterFraction(text: string, start: number): number {
  const at = codeAt(text, start) === DOT ? afterDigits(text, start + 1) : start;
  if (codeAt(text, at) !== SMALL_E && codeAt(text, at) !== BIG_E) return at;
  const sign = codeAt(text, at + 1);
  return afterDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

function afterDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(codeAt(text, at))) at++;
  if (at === start) throw unexpected(text, at, 'a digit');
  return at;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = codeAt(text, at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}

function codeAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : END;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(text: string, at: number): boolean {
  const code = codeAt(text, at);
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function unexpected(text: string, at: number, expected: string): Flaw {
  const point = text.codePointAt(at);
  if (point === undefined) return new Flaw(at, `expected ${expected} but the text ends`);
  return new Flaw(at, `expected ${expected} but got ${JSON.stringify(String.fromCodePoint(point))}`);
}
