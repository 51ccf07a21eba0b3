import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader } from '../../src/server/jsonReader.ts';
import { Refusal } from '../../src/server/refusal.ts';

interface Lengths {
  readonly piece: number;
  readonly slice: number;
}

/** What comes of a text that comes in pieces of this length, and is parsed in slices of that. */
function read(text: string, { piece, slice }: Lengths): unknown {
  const reader = new JsonReader(slice);
  for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
  return reader.end();
}

/** A value and the order of its keys, or that there is none. */
function outcome(parse: () => unknown): unknown {
  try {
    const value = parse();
    return { value, text: JSON.stringify(value) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Refusal) return 'a flaw';
    throw error;
  }
}

const lengths = fc.record({ piece: fc.integer({ min: 1, max: 60 }), slice: fc.integer({ min: 16, max: 60 }) });
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('"', '\\', '\\"', '\ud83d', '__proto__'),
);
// None with a backslash, about which V8's own parser errs: after a key of one, it takes an escape for it.
const keys = fc.constantFrom('', 'a', 'b', '1', '0', '"', 'ü', '\u0000', '__proto__');
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -1.5e-7, 1e21),
    strings,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const texts = fc
  .tuple(values, fc.constantFrom(undefined, 1, '\t\n '))
  .map(([value, space]) => JSON.stringify(value, null, space));

const SLICE = 64 * 1024;

describe('JSON that is read in slices', () => {
  it('gives what it gives in one go', () => {
    fc.assert(
      fc.property(texts, lengths, (text, by) => {
        expect(outcome(() => read(text, by))).toEqual(outcome(() => JSON.parse(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused where it would be in one go', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    const sign = fc.constantFrom(...'[]{}",:\\ 0n', 'null', '""', '');
    const edits = fc.array(fc.record({ place, sign, without: fc.integer({ min: 0, max: 3 }) }), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(texts, edits, lengths, (whole, all, by) => {
        let text = whole;
        for (const edit of all) {
          const at = Math.floor(edit.place * text.length);
          text = text.slice(0, at) + edit.sign + text.slice(at + edit.without);
        }
        expect(outcome(() => read(text, by))).toEqual(outcome(() => JSON.parse(text)));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a long text', ['x'.repeat(10 * SLICE)]],
    ['a long text of escapes', { a: '"\\\u0000'.repeat(3 * SLICE), b: 1 }],
    ['long texts side by side', ['x'.repeat(2 * SLICE), 'ü€😀'.repeat(2 * SLICE), { y: 'y'.repeat(2 * SLICE) }]],
    ['many small values', Array.from({ length: SLICE }, (_, i) => [i])],
    ['many fields', Object.fromEntries(Array.from({ length: SLICE }, (_, i) => [`name ${i}`, { i }]))],
    ['a text on its own', 'x'.repeat(3 * SLICE)],
    ['nesting', JSON.parse(`${'[{"a":'.repeat(400)}"${'x'.repeat(2 * SLICE)}"${'}]'.repeat(400)}`)],
  ])('can hold %s', (_what, value) => {
    const text = JSON.stringify(value);
    expect(read(text, { piece: SLICE, slice: SLICE })).toEqual(value);
    expect(read(text, { piece: text.length, slice: SLICE })).toEqual(value);
  });

  it.each([
    ['a key', `{"${'x'.repeat(2 * SLICE)}":1}`],
    ['white space', `[${' '.repeat(5 * SLICE)}]`],
    ['a number', `[1${'0'.repeat(5 * SLICE)}]`],
  ])('is refused for %s that cannot be sliced', (what, text) => {
    expect(() => read(text, { piece: SLICE, slice: SLICE })).toThrow(what);
  });

  it('says where a flaw is', () => {
    const text = JSON.stringify(Array(SLICE).fill('x')).replace(/.{4}$/, ';');
    expect(() => read(text, { piece: SLICE, slice: SLICE })).toThrow(/^after the first \d+ characters, /);
  });
});
