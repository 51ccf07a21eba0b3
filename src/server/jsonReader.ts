/** JSON that is large, read in slices as it comes. */
import { refuseShapeBeyond } from './bodyShape.ts';
import { Refusal } from './refusal.ts';

/** So many characters are parsed in one go, which takes about a millisecond. */
const SLICE_LENGTH = 64 * 1024;

// Of its own, as in bodyShape.ts: to look at each sign takes up to twice as long with constants that are imported.
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** A list or an object that is too large to be parsed in one go: its members are, some at a time. */
interface Made {
  readonly value: unknown[] | Record<string, unknown>;
  /** What stands before it in the one around it: nothing, or its key. */
  readonly head: string;
  isEmpty: boolean;
}

/** A member that is there already, and what stands before it. */
interface Filled {
  readonly head: string;
  readonly value: unknown;
}

/**
 * Gives what JSON.parse gives for the whole text. It only looks for where values begin and end, and leaves the syntax to JSON.parse:
 * what is made here stands as null in the text around it.
 *
 * Terms: the members of a list or an object are what is between commas. The current member is the one that has not ended yet.
 */
export class JsonReader {
  readonly #sliceLength: number;
  /** What is made here and goes on, the outermost first: a list around the whole text. */
  readonly #made: Made[] = [{ value: [], head: '', isEmpty: true }];
  /** Where those begin that are open inside the innermost of these: they may be small. */
  #opened: number[] = [];
  /** Where the current member begins: of the innermost that is made here, then of each that is open inside it. */
  #members = [0];
  /** What of the innermost that is made here was not parsed yet. */
  #text = '';
  #at = 0;
  /** The beginning of what `#text` has, if that is there already. */
  #filled: Filled | null = null;
  /** Where a string begins that is not over; null outside of strings. */
  #quote: number | null = null;
  /** A long string that is not over, and what stands before it. */
  #long: { readonly head: string; readonly parts: string[] } | null = null;
  #values = 1;
  #parsed = 0;

  constructor(sliceLength = SLICE_LENGTH) {
    this.#sliceLength = sliceLength;
  }

  /**
   * Takes what comes next of the text.
   *
   * @throws SyntaxError, at the latest from `end`; Refusal: 413 LIMIT_EXCEEDED, as for bodies of any size.
   */
  push(text: string): void {
    for (let start = 0; start < text.length; start += this.#sliceLength) {
      this.#read(text.slice(start, start + this.#sliceLength));
    }
  }

  /** Gives the value, when the whole text has come. */
  end(): unknown {
    if (this.#quote !== null || this.#opened.length > 0 || this.#made.length > 1) throw this.#flaw('it ends too early');
    this.#append(this.#text, true);
    const [whole] = this.#made;
    if (!Array.isArray(whole?.value) || whole.value.length !== 1) throw this.#flaw('there is more after its end');
    return whole.value[0];
  }

  /** At most a slice. */
  #read(text: string): void {
    this.#text += text;
    while (this.#at < this.#text.length) {
      if (this.#quote === null) this.#step();
      else if (!this.#string(this.#quote)) break;
      if (this.#at > this.#sliceLength && this.#quote === null) this.#makeRoom();
    }
  }

  #step(): void {
    const code = this.#text.charCodeAt(this.#at);
    switch (code) {
      case QUOTE:
        this.#quote = this.#at;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        this.#opened.push(this.#at);
        this.#members.push(this.#at + 1);
        this.#count();
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (this.#opened.length === 0) {
          this.#close(code);
          return;
        }
        this.#opened.pop();
        this.#members.pop();
        break;
      case COMMA:
        this.#members[this.#members.length - 1] = this.#at + 1;
        this.#count();
        break;
    }
    this.#at++;
    if (code === COMMA && this.#filled && this.#opened.length === 0) this.#parseMembers();
  }

  #count(): void {
    refuseShapeBeyond(++this.#values, this.#made.length - 1 + this.#opened.length);
  }

  /** Goes to the end of a string; gives false if that has not come yet. A long one is parsed in parts. */
  #string(quote: number): boolean {
    for (;;) {
      this.#at = nextSpecial(this.#text, this.#at);
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      // Escapes are not torn apart.
      const next = this.#at + (this.#text.charCodeAt(this.#at + 1) === SMALL_U ? 6 : 2);
      const isCut = this.#at === this.#text.length || next > this.#text.length;
      if (!isCut) this.#at = next;
      if (this.#at - (this.#long ? 0 : quote) > this.#sliceLength) {
        this.#parsePart(quote);
        quote = 0;
      }
      if (isCut) return false;
    }
    this.#quote = null;
    if (this.#long) this.#endLong(this.#long);
    else this.#at++;
    return true;
  }

  #parsePart(quote: number): void {
    let start = 0;
    if (!this.#long) {
      start = quote - this.#makeAllOpened();
      if (this.#filled) throw this.#flaw(NO_COMMA);
      this.#long = { head: this.#text.slice(0, start), parts: [] };
      if (!Array.isArray(this.#innermost().value) && this.#long.head.trim() === '') throw tooLong('a key');
      start++;
    }
    this.#long.parts.push(this.#parse(`"${this.#text.slice(start, this.#at)}"`) as string);
    this.#drop(this.#at);
    this.#quote = 0;
  }

  #endLong({ head, parts }: { readonly head: string; readonly parts: string[] }): void {
    parts.push(this.#parse(`"${this.#text.slice(0, this.#at)}"`) as string);
    this.#long = null;
    this.#drop(this.#at + 1);
    this.#filled = { head, value: parts.join('') };
  }

  /** Parses what can be, until there is no more of it than a slice. */
  #makeRoom(): void {
    this.#parseMembers();
    while (this.#at > this.#sliceLength) {
      if (this.#opened.length > 0) this.#make();
      else if (this.#at > 4 * this.#sliceLength) throw tooLong('white space, or a number,');
      else return;
    }
  }

  /** Gives how many characters of the text are parsed by that. */
  #makeAllOpened(): number {
    const before = this.#parsed;
    this.#parseMembers();
    while (this.#opened.length > 0) this.#make();
    return this.#parsed - before;
  }

  /** The current member is large: its own members are parsed from now on. */
  #make(): void {
    const [start = 0] = this.#opened;
    if (this.#filled) throw this.#flaw(NO_COMMA);
    const head = this.#text.slice(0, start);
    this.#made.push({ value: this.#text.charCodeAt(start) === OPEN_LIST ? [] : {}, head, isEmpty: true });
    this.#opened.shift();
    this.#members.shift();
    this.#drop(start + 1);
    this.#parseMembers();
  }

  /** Parses the members before the current one. */
  #parseMembers(): void {
    const [end = 0] = this.#members;
    if (end === 0) return;
    this.#append(this.#text.slice(0, end - 1), false);
    this.#drop(end);
  }

  #close(code: number): void {
    const made = this.#innermost();
    const closer = Array.isArray(made.value) ? CLOSE_LIST : CLOSE_OBJECT;
    if (this.#made.length === 1 || code !== closer) throw this.#flaw('a list or an object is closed that is not open');
    this.#append(this.#text.slice(0, this.#at), true);
    this.#made.pop();
    this.#drop(this.#at + 1);
    this.#members = [0];
    this.#filled = { head: made.head, value: made.value };
  }

  #append(members: string, areLast: boolean): void {
    const made = this.#innermost();
    const filled = this.#filled;
    const text = filled ? `${filled.head}null${members}` : members;
    const [count, last] = Array.isArray(made.value)
      ? this.#appendItems(made.value, text)
      : this.#appendFields(made.value, text);
    if (count === 0 && !(areLast && made.isEmpty)) throw this.#flaw('there is no value before or after a comma');
    made.isEmpty &&= count === 0;
    if (!filled) return;
    if (count > 1 || last === undefined) throw this.#flaw(NO_COMMA);
    set(made.value, last, filled.value);
    this.#filled = null;
  }

  /** As `#appendFields`. */
  #appendItems(list: unknown[], text: string): [count: number, last: PropertyKey | undefined] {
    const items = this.#parse(`[${text}]`) as unknown[];
    for (const item of items) list.push(item);
    return [items.length, list.length - 1];
  }

  /** Gives how many there were, and the name of the last. */
  #appendFields(object: Record<string, unknown>, text: string): [count: number, last: PropertyKey | undefined] {
    const fields = this.#parse(`{${text}}`) as Record<string, unknown>;
    const names = Object.keys(fields);
    for (const name of names) set(object, name, fields[name]);
    return [names.length, names.at(-1)];
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw error instanceof SyntaxError ? this.#flaw(error.message) : error;
    }
  }

  #drop(length: number): void {
    this.#text = this.#text.slice(length);
    this.#at -= length;
    this.#opened = this.#opened.map((at) => at - length);
    this.#members = this.#members.map((at) => at - length);
    this.#parsed += length;
  }

  #innermost(): Made {
    return this.#made.at(-1) as Made;
  }

  #flaw(message: string): SyntaxError {
    return new SyntaxError(`after the first ${this.#parsed} characters, ${message}`);
  }
}

const NO_COMMA = 'there is no comma after a value';

/** As a field of its own, also where it has a name such as `__proto__`. */
function set(target: object, name: PropertyKey, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<PropertyKey, unknown>)[name] = value;
  }
}

/** The next quote or backslash; the end of the text if there is none. */
function nextSpecial(text: string, start: number): number {
  const near = Math.min(start + 16, text.length);
  for (let at = start; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code === BACKSLASH) return at;
  }
  // Long strings are the bulk of large bodies: a search for a class of one character runs natively.
  SPECIAL.lastIndex = near;
  return SPECIAL.test(text) ? SPECIAL.lastIndex - 1 : text.length;
}

const SPECIAL = /["\\]/g;

function tooLong(what: string): Refusal {
  return new Refusal(
    413,
    'LIMIT_EXCEEDED',
    `The JSON in the body has ${what} of more than ${SLICE_LENGTH} characters.`,
  );
}
