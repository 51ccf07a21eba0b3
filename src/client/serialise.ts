/**
 * JSON text of any JavaScript value, for payloads: it never throws, and says what it could not keep.
 *
 * What JSON has no word for becomes:
 * - Date: its ISO text. Error: an object with `name`, `message`, `stack`, `cause`, `errors` and what else it carries.
 * - Map: an object if all keys are strings, else a list of pairs. Set: a list. Typed array: a list of numbers.
 *   Buffer, ArrayBuffer, DataView: base64 text. RegExp: its source. Boxed primitive: the primitive.
 * - bigint: an integer with all its digits. NaN, Infinity and -0: `NaN`, `Infinity` and `-0.0`, as Python writes them.
 * - undefined: null; left out of objects, as functions are.
 * - Any other instance: what its `toJSON` gives, else its own enumerable properties.
 *
 * With a warning, a text stands for: what throws when it is read, a circle, what lies deeper than 1,000 levels, functions,
 * symbols, invalid dates, promises and other instances without anything to see. A text stands for the whole of a value that
 * would come to more than about 64 million characters.
 */
import { types } from 'node:util';
import { checkJson } from '../json.ts';
import { isError } from './isError.ts';
import { RawJson } from './rawJson.ts';
import { plainText } from './text.ts';

const MAX_DEPTH = 1000;
const MAX_SIZE = 64 * 1024 * 1024;
const MAX_WARNINGS = 10;

/**
 * @param onWarning hears what was lost and where (`$.a[2]: ...`), at most ten times a value and once for how many more there were.
 * @returns text that `checkJson` accepts.
 */
export function serialise(value: unknown, onWarning?: (message: string) => void): string {
  const writer = new Writer();
  const text = writer.document(value);
  try {
    for (const warning of writer.warnings()) onWarning?.(warning);
  } catch {
    // Who cannot be warned is not to lose the record too.
  }
  return text;
}

/** Members of an error that are not enumerable, or not its own. */
const ERROR_KEYS = ['name', 'message', 'stack', 'cause', 'errors'];

class TooLarge extends Error {}

/** A list or an object that is being written. */
interface Frame {
  /** What it is made of, to know it again in a circle. */
  readonly source: object;
  /** What its members are read from: by index, or by name. */
  readonly holder: object;
  readonly byName: boolean;
  /** Keys of an object; null for a list. */
  readonly names: readonly string[] | null;
  readonly length: number;
  /** The member that comes next. */
  next: number;
  isEmpty: boolean;
}

/** Writes one value. What is open is on a stack of its own, so that depth costs memory and not calls. */
class Writer {
  #parts: string[] = [];
  #size = 0;
  readonly #open: Frame[] = [];
  readonly #warnings: string[] = [];
  #warningCount = 0;

  document(value: unknown): string {
    try {
      if (!this.#member([value], 0, false)) this.#put('null');
      for (let frame = this.#open.at(-1); frame; frame = this.#open.at(-1)) this.#step(frame);
    } catch {
      this.#parts = [];
      this.#size = 0;
      this.#open.length = 0;
      this.#instead('too large', '[too large to record]');
    }
    return this.#parts.join('');
  }

  warnings(): readonly string[] {
    const more = this.#warningCount - this.#warnings.length;
    return more > 0 ? [...this.#warnings, `and ${more} more`] : this.#warnings;
  }

  /** Writes the next member of what is open innermost, or its end. */
  #step(frame: Frame): void {
    if (!(frame.next < frame.length)) {
      this.#put(frame.names ? '}' : ']');
      this.#open.pop();
      return;
    }
    const index = frame.next++;
    const name = frame.names?.[index];
    const before = this.#parts.length;
    const separator = frame.isEmpty ? '' : ',';
    if (name !== undefined) this.#put(`${separator}${JSON.stringify(name)}:`);
    else if (separator) this.#put(separator);

    const key = frame.byName && name !== undefined ? name : index;
    const isWritten = this.#member(frame.holder, key, frame.byName);
    if (!isWritten && frame.byName) {
      this.#parts.length = before;
      return;
    }
    if (!isWritten) this.#put('null');
    frame.isEmpty = false;
  }

  /** Reads a member and writes it, or its beginning. False, and nothing is written, if it is to be left out. Throws only TooLarge. */
  #member(holder: object, key: string | number, skipsFunctions: boolean): boolean {
    const before = this.#parts.length;
    try {
      const value = (holder as Record<string | number, unknown>)[key];
      return skipsFunctions && typeof value === 'function' ? false : this.#write(value, key, true);
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      this.#parts.length = before;
      const reason = plainText(error);
      return this.#instead(`cannot be read (${reason})`, `[unreadable: ${reason}]`);
    }
  }

  #write(value: unknown, key: string | number, usesToJson: boolean): boolean {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return this.#put(Object.is(value, -0) ? '-0.0' : String(value));
      case 'boolean':
      case 'bigint':
        return this.#put(String(value));
      case 'object':
        return value === null ? this.#put('null') : this.#object(value, key, usesToJson);
      case 'function':
        return this.#instead('a function', `[function ${plainText(value.name)}]`);
      case 'symbol':
        return this.#instead('a symbol', String(value));
      default:
        return false;
    }
  }

  #object(value: object, key: string | number, usesToJson: boolean): boolean {
    for (const { source } of this.#open) if (source === value) return this.#instead('a circle', '[circular]');
    if (this.#open.length >= MAX_DEPTH) return this.#instead(`deeper than ${MAX_DEPTH} levels`, '[too deep]');
    const made = usesToJson ? this.#toJson(value, key) : null;
    if (made) return this.#write(made.value, key, false);
    if (Array.isArray(value)) return this.#begin(value, value, null);
    const prototype = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null ? this.#instance(value, []) : this.#special(value, key);
  }

  #special(value: object, key: string | number): boolean {
    if (value instanceof RawJson) return this.#raw(value.text);
    if (types.isDate(value)) return this.#date(value);
    const bytes = bytesOf(value);
    if (bytes) return this.#bytes(bytes);
    if (types.isRegExp(value)) return this.#text(String(value));
    if (types.isBoxedPrimitive(value)) return this.#write(value.valueOf(), key, false);
    if (types.isTypedArray(value)) return this.#begin(value, value, null);
    if (types.isSet(value)) return this.#begin(value, [...Set.prototype.values.call(value)], null);
    if (types.isMap(value)) return this.#map(value);
    return this.#instance(value, isError(value) ? ERROR_KEYS : []);
  }

  #map(value: Map<unknown, unknown>): boolean {
    const entries = [...Map.prototype.entries.call(value)];
    const names = entries.map(([key]) => key).filter((key) => typeof key === 'string');
    if (names.length < entries.length) return this.#begin(value, entries, null);
    const values = entries.map((entry) => entry[1]);
    return this.#begin(value, values, names);
  }

  #instance(value: object, moreNames: readonly string[]): boolean {
    const own = Object.keys(value);
    const names = moreNames.length > 0 ? [...new Set([...moreNames, ...own])] : own;
    if (names.length > 0) return this.#begin(value, value, names);
    const text = plainText(value);
    if (text === '[object Object]') return this.#put('{}');
    return this.#instead('an instance without anything to see', text);
  }

  #begin(source: object, holder: object & { readonly length?: number }, names: readonly string[] | null): boolean {
    const byName = names !== null && holder === source;
    const length = names?.length ?? holder.length ?? 0;
    this.#put(names ? '{' : '[');
    this.#open.push({ source, holder, byName, names, length, next: 0, isEmpty: true });
    return true;
  }

  /** What the value's toJSON gives; null if it has none or that fails. */
  #toJson(value: object & { readonly toJSON?: unknown }, key: string | number): { readonly value: unknown } | null {
    try {
      const { toJSON } = value;
      // Dates and Buffers have one, but the text above says more of them.
      const isUsed = typeof toJSON === 'function' && !types.isDate(value) && !Buffer.isBuffer(value);
      return isUsed ? { value: toJSON.call(value, String(key)) } : null;
    } catch (error) {
      this.#warn(`toJSON failed (${plainText(error)}), its properties are taken instead`);
      return null;
    }
  }

  #raw(text: string): boolean {
    const flaw = checkJson(text);
    return flaw === null ? this.#put(text) : this.#instead(`not JSON (${flaw})`, text);
  }

  #date(value: Date): boolean {
    const isValid = Number.isFinite(Date.prototype.getTime.call(value));
    return isValid
      ? this.#text(Date.prototype.toISOString.call(value))
      : this.#instead('an invalid date', 'Invalid Date');
  }

  #bytes(bytes: Buffer): boolean {
    if (bytes.length > MAX_SIZE) throw new TooLarge();
    return this.#text(bytes.toString('base64'));
  }

  /** A string, with escapes also for lone surrogates. */
  #text(value: string): boolean {
    if (value.length > MAX_SIZE) throw new TooLarge();
    return this.#put(JSON.stringify(value));
  }

  #put(part: string): boolean {
    // A part costs memory by itself too.
    this.#size += part.length + 4;
    if (this.#size > MAX_SIZE) throw new TooLarge();
    this.#parts.push(part);
    return true;
  }

  #instead(what: string, text: string): boolean {
    this.#warn(`${what}, recorded as a text`);
    return this.#text(text);
  }

  #warn(message: string): void {
    this.#warningCount++;
    if (this.#warnings.length >= MAX_WARNINGS) return;
    const steps = this.#open.map(({ names, next }) => (names ? `.${names[next - 1]}` : `[${next - 1}]`));
    this.#warnings.push(`${plainText(`$${steps.join('')}`)}: ${message}`);
  }
}

/** The bytes of a Buffer, an ArrayBuffer or a DataView; null for anything else. */
function bytesOf(value: object): Buffer | null {
  if (Buffer.isBuffer(value)) return value;
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value);
  if (types.isDataView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return null;
}
