import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJson, inspectJson } from '../src/json.ts';

const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'];

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('checkJson', () => {
  it.each([
    'null',
    ' \t\r\n[ ] ',
    '{}',
    '{"a":{"b":[1,-2.5e+22,"x"]},"c":[]}',
    '"\\u00e9\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"é, ё, 日本, 😀, \u007f \u2028"',
    '-0.0',
    '1e400',
    '9'.repeat(5000),
    '"\\ud800"',
    '{"1":1,"1":2}',
    '{"__proto__":1}',
    'NaN',
    '[NaN,Infinity,-Infinity]',
  ])('accepts %j', (text) => {
    expect(checkJson(text)).toBeNull();
  });

  it.each([
    ['', 'line 1, column 1: expected a value but the text ends'],
    ['  \n ', 'line 2, column 2: expected a value but the text ends'],
    ['{"a":1', 'line 1, column 7: expected "," or "}" but the text ends'],
    ['[1 2]', 'line 1, column 4: expected "," or "]" but got "2"'],
    ['[1,]', 'line 1, column 4: expected a value but got "]"'],
    ['[1}', 'line 1, column 3: expected "," or "]" but got "}"'],
    ['{]', 'line 1, column 2: expected a key in double quotes but got "]"'],
    ['{"a":1,}', 'line 1, column 8: expected a key in double quotes but got "}"'],
    ['{a:1}', 'line 1, column 2: expected a key in double quotes but got "a"'],
    ['{"a" 1}', 'line 1, column 6: expected ":" but got "1"'],
    ['{\n  "a": True\n}', 'line 2, column 8: expected a value but got "T"'],
    ["'a'", 'line 1, column 1: expected a value but got "\'"'],
    ['null null', 'line 1, column 6: expected the end of the text but got "n"'],
    ['nul', 'line 1, column 1: expected a value but got "n"'],
    ['nullx', 'line 1, column 5: expected the end of the text but got "x"'],
    [']', 'line 1, column 1: expected a value but got "]"'],
    ['01', 'line 1, column 2: expected the end of the text but got "1"'],
    ['1.', 'line 1, column 3: expected a digit but the text ends'],
    ['1e+', 'line 1, column 4: expected a digit but the text ends'],
    ['.5', 'line 1, column 1: expected a value but got "."'],
    ['+1', 'line 1, column 1: expected a value but got "+"'],
    ['-', 'line 1, column 1: expected a value but got "-"'],
    ['-NaN', 'line 1, column 1: expected a value but got "-"'],
    ['nan', 'line 1, column 1: expected a value but got "n"'],
    ['\ufeff1', 'line 1, column 1: expected a value but got "\ufeff"'],
    ['😀', 'line 1, column 1: expected a value but got "😀"'],
    ['["abc', 'line 1, column 2: a string is never closed'],
    ['"abc\\"', 'line 1, column 1: a string is never closed'],
    ['"a\nb"', 'line 1, column 3: a control character in a string must be written as an escape'],
    ['"\\x41"', 'line 1, column 2: an escape in a string is none that JSON knows'],
    ['"\\u00g0"', 'line 1, column 2: an escape in a string is none that JSON knows'],
    ['"\\', 'line 1, column 2: an escape in a string is none that JSON knows'],
  ])('refuses %j and says where', (text, message) => {
    expect(checkJson(text)).toBe(message);
  });

  it('refuses a raw lone surrogate, which has no UTF-8 form', () => {
    const message = 'a lone surrogate must be written as an escape';
    expect(checkJson('"ab\ud800"')).toBe(`line 1, column 4: ${message}`);
    expect(checkJson('"😀\udc00"')).toBe(`line 1, column 4: ${message}`);
    expect(checkJson('{"\ud83d":1}')).toBe(`line 1, column 3: ${message}`);
  });

  it('finds what is wrong deep inside a long string', () => {
    expect(checkJson(`"${'x'.repeat(1000)}\u0000"`)).toMatch(/column 1002: a control character/);
    expect(checkJson(`"${'x'.repeat(1000)}\\n"`)).toBeNull();
    expect(checkJson(`"${'x'.repeat(1000)}`)).toMatch(/: a string is never closed/);
  });

  it('goes as deep as the text does', () => {
    for (const depth of [10_000, 1_000_000]) {
      expect(checkJson('['.repeat(depth) + ']'.repeat(depth))).toBeNull();
      expect(checkJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toBeNull();
      expect(checkJson('['.repeat(depth))).toMatch(/: expected a value but the text ends/);
      expect(checkJson(`${'['.repeat(depth)}1}`)).toMatch(/: expected "," or "]" but got "}"/);
    }
  });

  it('accepts whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        expect(checkJson(JSON.stringify(value, null, indent))).toBeNull();
      }),
    );
  });

  it('agrees with JSON.parse on texts that are nearly JSON', () => {
    const bit = fc.constantFrom(
      ...'{}[],:"\\ud0019.eE+- \n\tx/',
      '\u0000',
      '\u001f',
      '\u00a0',
      '😀',
      'null',
      'true',
      '"a":',
    );
    const nearly = fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(3), bit), { maxLength: 3 }))
      .map(([value, edits]) =>
        edits.reduce((text, [place, removed, added]) => {
          const at = place % (text.length + 1);
          return text.slice(0, at) + added + text.slice(at + removed);
        }, JSON.stringify(value)),
      )
      // A cut can leave half of a pair, which JSON.parse does not mind.
      .filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          fc.array(bit, { maxLength: 12 }).map((bits) => bits.join('')),
        ),
        (text) => {
          expect(checkJson(text) === null).toBe(parses(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('takes NaN, Infinity and -Infinity wherever a value may stand, and nowhere else', () => {
    const tree = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(tree, fc.nat(), fc.constantFrom(...NOT_FINITE), (text, place, literal) => {
        const at = place % (text.length + 1);
        const withLiteral = text.slice(0, at) + literal + text.slice(at);
        // Whether it stands where a value may is the same as for null; inside a string it is only letters.
        const withNull = `${text.slice(0, at)}null${text.slice(at)}`;
        expect(checkJson(withLiteral) === null).toBe(parses(withNull));
      }),
    );
  });
});

describe('inspectJson', () => {
  it('gives the value', () => {
    expect(inspectJson(' {"a":[1,2.5,"x",null,true,{}]} ')).toEqual({
      ok: true,
      value: { a: [1, 2.5, 'x', null, true, {}] },
    });
    expect(inspectJson('1e+22')).toEqual({ ok: true, value: 1e22 });
    expect(inspectJson('"\\ud800"')).toEqual({ ok: true, value: '\ud800' });
    expect(inspectJson(`0.${'1'.repeat(400)}`)).toEqual({ ok: true, value: 1 / 9 });
  });

  it('keeps the sign of zero', () => {
    const inspected = inspectJson('-0.0');
    expect(inspected.ok && Object.is(inspected.value, -0)).toBe(true);
  });

  it.each(NOT_FINITE)('names %s', (word) => {
    expect(inspectJson(`{"a":[${word}]}`)).toEqual({
      ok: false,
      reason: `line 1, column 7: ${word} is no JSON and cannot be parsed`,
    });
  });

  it('gives integers up to 2^53-1 and none beyond', () => {
    for (const sign of ['', '-']) {
      expect(inspectJson(`${sign}9007199254740991`)).toEqual({ ok: true, value: Number(`${sign}9007199254740991`) });
      for (const digits of ['9007199254740992', '9007199254740993', '9'.repeat(400)]) {
        expect(inspectJson(`[${sign}${digits}]`)).toEqual({
          ok: false,
          reason: 'line 1, column 2: an integer beyond ±(2^53-1), which JavaScript would round',
        });
      }
    }
  });

  it('refuses a number that would overflow', () => {
    for (const number of ['1e400', '-1E+309', `${'9'.repeat(400)}.0`]) {
      expect(inspectJson(number)).toEqual({
        ok: false,
        reason: 'line 1, column 1: a number that JavaScript would turn into Infinity',
      });
    }
  });

  it('refuses an object with the same key twice, however it is spelt', () => {
    for (const text of ['{"a":{"b":1,"c":[],"b":2}}', '{"a":{"b":1,"c":[],"\\u0062":2}}']) {
      expect(inspectJson(text)).toEqual({
        ok: false,
        reason: 'line 1, column 20: the key "b" a second time in one object',
      });
    }
    expect(inspectJson(`{"${'k'.repeat(9999)}":1,"${'k'.repeat(9999)}":2}`)).toMatchObject({
      reason: expect.stringMatching(/^.{1,200}$/),
    });
    expect(inspectJson('{"__proto__":1,"__proto__":2}').ok).toBe(false);
    expect(inspectJson('[{"a":1},{"a":{"a":{}},"A":1}]').ok).toBe(true);
  });

  it('makes __proto__ a plain key of its own', () => {
    const inspected = inspectJson('{"__proto__":{"polluted":true},"constructor":1}');
    const value = inspected.ok ? inspected.value : undefined;
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('refuses more than 1,000 levels', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(inspectJson(nested(1000)).ok).toBe(true);
    for (const depth of [1002, 10_000, 1_000_000]) {
      expect(inspectJson(nested(depth))).toEqual({
        ok: false,
        reason: 'line 1, column 3001: nesting deeper than 1000 levels',
      });
    }
  });

  it('says why a text is no JSON at all, as checkJson does', () => {
    for (const text of ['', '{', '{"a":1}}', '"\ud800"', "{'a':1}"]) {
      expect(inspectJson(text)).toEqual({ ok: false, reason: checkJson(text) });
    }
  });

  it('gives back what JSON.stringify was given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const holdable = !/\d{16}/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, ''));
        const inspected = inspectJson(text);
        if (holdable) expect(inspected.ok).toBe(true);
        if (inspected.ok) expect(JSON.stringify(inspected.value)).toBe(text);
      }),
    );
  });

  it('changes nothing in what it gives: the value serialises to what JSON.parse would give', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    const tree = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.array(fc.record({ number, tree })), (value) => {
        const text = JSON.stringify(value);
        const inspected = inspectJson(text);
        expect(inspected.ok ? inspected.value : JSON.parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
