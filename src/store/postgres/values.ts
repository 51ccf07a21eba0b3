/**
 * How values go to the driver and come back. PostgreSQL's text cannot hold U+0000, so it is written as U+0001 U+0001, and
 * U+0001 as U+0001 U+0002. That keeps texts apart and in the order of their UTF-8 bytes, also as parts of other texts.
 */

export type Scalar = string | number | boolean | null;
export type Value = Scalar | Buffer | readonly Scalar[];

/** A value as the driver sends it: an array as PostgreSQL writes it. */
export function toDriver(value: Value): string | Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'object') return `{${value.map(toElement).join(',')}}`;
  return String(value);
}

function toElement(value: Scalar): string {
  if (typeof value !== 'string') return value === null ? 'NULL' : String(value);
  const text = encodeText(value);
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

/** PostgreSQL's numbers for the types of our columns. */
const TYPES: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: Number,
  23: Number,
  25: decodeText,
  701: Number,
};

/** Reads what the driver gives, which is text for all types. */
export function typeParser(type: number): (text: string) => unknown {
  return TYPES[type] ?? String;
}

function encodeText(text: string): string {
  if (!text.includes('\0') && !text.includes('\u0001')) return text;
  return text.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001');
}

function decodeText(text: string): string {
  if (!text.includes('\u0001')) return text;
  const parts = text.split('\u0001\u0001');
  return parts.map((part) => part.replaceAll('\u0001\u0002', '\u0001')).join('\0');
}
