import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawJson } from '../../src/client/rawJson.ts';
import { serialise } from '../../src/client/serialise.ts';
import { checkJson, inspectJson } from '../../src/json.ts';

/** The text and the warnings, once it is sure that the text is a payload. */
function serialised(value: unknown): { text: string; warnings: string[] } {
  const warnings: string[] = [];
  const text = serialise(value, (warning) => warnings.push(warning));
  expect(checkJson(text)).toBeNull();
  return { text, warnings };
}

/** The text of a value that nothing is lost of. */
function whole(value: unknown): string {
  const { text, warnings } = serialised(value);
  expect(warnings).toEqual([]);
  return text;
}

describe('serialise', () => {
  it('writes what JSON can say as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const withPositiveZeros = JSON.parse(JSON.stringify(value));
        expect(whole(withPositiveZeros)).toBe(JSON.stringify(value));
      }),
    );
    expect(whole({ 2: 'b', 1: 'a', ['__proto__']: {} })).toBe('{"1":"a","2":"b","__proto__":{}}');
    expect(whole('a"\\\u0000\u2028😀')).toBe(JSON.stringify('a"\\\u0000\u2028😀'));
  });

  it('writes dates as ISO text', () => {
    expect(whole(new Date(1.5e12))).toBe('"2017-07-14T02:40:00.000Z"');
    expect(whole(new Date(-1e15))).toMatch(/^"-0*29719-/);
  });

  it('writes errors with message, stack, causes and what else they carry', () => {
    const cause = new RangeError('deep');
    const error = Object.assign(new TypeError('outer', { cause }), { code: 'E_OUTER', retry() {} });
    expect(JSON.parse(whole({ error }))).toEqual({
      error: {
        name: 'TypeError',
        message: 'outer',
        stack: error.stack,
        cause: { name: 'RangeError', message: 'deep', stack: cause.stack },
        code: 'E_OUTER',
      },
    });
    expect(JSON.parse(whole(new AggregateError([cause], 'several')))).toMatchObject({ errors: [{ message: 'deep' }] });
    expect(JSON.parse(whole(new DOMException('stopped', 'AbortError')))).toMatchObject({ name: 'AbortError' });
  });

  it('writes maps with string keys as objects, other maps as lists of pairs, sets as lists', () => {
    const map = new Map<string, unknown>([
      ['b', 1],
      ['1', undefined],
      ['__proto__', new Map()],
    ]);
    expect(whole(map)).toBe('{"b":1,"1":null,"__proto__":{}}');
    expect(
      whole(
        new Map<unknown, unknown>([
          [1, 'a'],
          [{ k: 1 }, new Set([1, 'x'])],
        ]),
      ),
    ).toBe('[[1,"a"],[{"k":1},[1,"x"]]]');
    expect(whole(new Set())).toBe('[]');
  });

  it('writes every digit of a bigint, and what Python writes for numbers that JSON lacks', () => {
    expect(whole([123456789012345678901234567890n, -1n])).toBe('[123456789012345678901234567890,-1]');
    expect(whole([Number.NaN, 1 / 0, -1 / 0, -0, 1e21, 5e-324])).toBe('[NaN,Infinity,-Infinity,-0.0,1e+21,5e-324]');
  });

  it('writes typed arrays as lists of numbers, and bytes as base64', () => {
    expect(whole(new Uint8Array([1, 255]))).toBe('[1,255]');
    expect(whole(new Float64Array([0.5, Number.NaN]))).toBe('[0.5,NaN]');
    expect(whole(new BigUint64Array([2n ** 64n - 1n]))).toBe('[18446744073709551615]');
    const buffer = Buffer.from('\u0000hello');
    expect(whole({ buffer })).toBe('{"buffer":"AGhlbGxv"}');
    expect(whole(new Uint8Array(buffer).buffer)).toBe('"AGhlbGxv"');
    expect(whole(new DataView(new Uint8Array(buffer).buffer, 1, 2))).toBe('"aGU="');
    expect(whole(new SharedArrayBuffer(1))).toBe('"AA=="');
  });

  it('writes regular expressions as their source and boxed primitives as what is in them', () => {
    expect(whole([/a"b/gi, Object(1), Object('x'), Object(true), Object(7n)])).toBe('["/a\\"b/gi",1,"x",true,7]');
  });

  it('leaves undefined and functions out of objects, and keeps the places of undefined in lists', () => {
    expect(whole({ a: undefined, b() {}, c: 1, d: undefined })).toBe('{"c":1}');
    expect(whole([undefined, 1])).toBe('[null,1]');
    expect(whole(new Array(2))).toBe('[null,null]');
    expect(whole(undefined)).toBe('null');
  });

  it('writes own enumerable properties of instances, or what their toJSON gives', () => {
    class Point {
      x = 1n;
      #hidden = 2;
      sum = () => this.#hidden;
      get computed() {
        return this.#hidden;
      }
    }
    expect(whole(new Point())).toBe('{"x":1}');
    expect(whole(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(whole(Object.create(null))).toBe('{}');
    expect(whole(new URL('http://a/b'))).toBe('"http://a/b"');
    expect(whole({ key: { toJSON: (key: string) => ({ key, at: new Date(0) }) } })).toBe(
      '{"key":{"key":"key","at":"1970-01-01T00:00:00.000Z"}}',
    );
    expect(whole({ gone: { toJSON: () => undefined }, kept: 1 })).toBe('{"kept":1}');
    const itself = { a: 1, toJSON: () => itself };
    expect(whole(itself)).toBe('{"a":1}');
  });

  it('knows things of other realms', () => {
    const value = runInNewContext('({ d: new Date(0), m: new Map([["a", 1]]), s: new Set([1]), e: new Error("x") })');
    expect(JSON.parse(whole(value))).toMatchObject({
      d: '1970-01-01T00:00:00.000Z',
      m: { a: 1 },
      s: [1],
      e: { message: 'x' },
    });
  });

  it('writes raw JSON untouched, wherever it stands', () => {
    const text = '{"n": 1.00, "big": 123456789012345678901234567890, "n": NaN}';
    expect(whole(rawJson(text))).toBe(text);
    expect(whole({ source: [rawJson(text)] })).toBe(`{"source":[${text}]}`);
    expect(serialised({ a: rawJson('{') })).toEqual({
      text: '{"a":"{"}',
      warnings: [
        '$.a: not JSON (line 1, column 2: expected a key in double quotes but the text ends), recorded as a text',
      ],
    });
  });

  it('writes lone surrogates as escapes', () => {
    expect(whole({ 'k\ud800': 'v\udc00' })).toBe('{"k\\ud800":"v\\udc00"}');
  });

  it('writes the same object twice if it is there twice, but no circle', () => {
    const shared = { a: 1 };
    expect(whole([shared, shared])).toBe('[{"a":1},{"a":1}]');
    const parent: { child?: unknown } = {};
    parent.child = { parent, map: new Map([['up', parent]]) };
    expect(serialised(parent)).toEqual({
      text: '{"child":{"parent":"[circular]","map":{"up":"[circular]"}}}',
      warnings: ['$.child.parent: a circle, recorded as a text', '$.child.map.up: a circle, recorded as a text'],
    });
  });

  it.each<[string, unknown, string, string]>([
    ['a function', [function named() {}], '["[function named]"]', '$[0]: a function'],
    ['a symbol', { s: Symbol('mark') }, '{"s":"Symbol(mark)"}', '$.s: a symbol'],
    ['an invalid date', new Date(Number.NaN), '"Invalid Date"', '$: an invalid date'],
    ['a promise', { p: Promise.resolve(1) }, '{"p":"[object Promise]"}', '$.p: an instance without anything to see'],
    ['search parameters', new URLSearchParams('a=1'), '"a=1"', '$: an instance without anything to see'],
  ])('writes %s as a text, with a warning', (_, value, text, warning) => {
    expect(serialised(value)).toEqual({ text, warnings: [`${warning}, recorded as a text`] });
  });

  it('takes the properties of what has a toJSON that throws', () => {
    const value = {
      a: 1,
      toJSON() {
        throw new Error('not now');
      },
    };
    expect(serialised([value])).toEqual({
      text: '[{"a":1}]',
      warnings: ['$[0]: toJSON failed (Error: not now), its properties are taken instead'],
    });
  });

  it('keeps everything but what cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const value = {
      before: 1,
      get broken() {
        throw new TypeError('boom');
      },
      proxy,
      list: new Proxy([1, 2], {
        get: (target, key) => {
          if (key === '1') throw null;
          return Reflect.get(target, key);
        },
      }),
      after: 2,
    };
    const { text, warnings } = serialised(value);
    expect(JSON.parse(text)).toEqual({
      before: 1,
      broken: '[unreadable: TypeError: boom]',
      proxy: expect.stringMatching(/^\[unreadable: TypeError: .*revoked\]$/),
      list: [1, '[unreadable: null]'],
      after: 2,
    });
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
      '$.broken:',
      '$.proxy:',
      '$.proxy:',
      '$.list[1]:',
    ]);
  });

  it('writes 1,000 levels and a text for what is deeper, at no risk to the stack', () => {
    for (const step of [
      (inner: unknown) => [inner],
      (inner: unknown) => ({ a: inner }),
      (inner: unknown) => new Set([inner]),
    ]) {
      let value: unknown = 1;
      for (let depth = 0; depth < 1000; depth++) value = step(value);
      expect(inspectJson(whole(value)).ok).toBe(true);
      for (let depth = 0; depth < 100_000; depth++) value = step(value);
      const { text, warnings } = serialised(value);
      expect(text).toContain('"[too deep]"');
      expect(warnings).toEqual([expect.stringMatching(/: deeper than 1000 levels, recorded as a text$/)]);
    }
  });

  it('gives up a value that grows without end', () => {
    let doubled: unknown = 'x'.repeat(1_000_000);
    for (let times = 0; times < 40; times++) doubled = [doubled, doubled];
    const endless = new Proxy([], {
      get: (_, key) => (key === 'length' ? Number.POSITIVE_INFINITY : 'x'.repeat(1000)),
    });
    for (const value of [doubled, endless, 'x'.repeat(70_000_000), new ArrayBuffer(70_000_000)]) {
      expect(serialised(value)).toEqual({
        text: '"[too large to record]"',
        warnings: ['$: too large, recorded as a text'],
      });
    }
  });

  it('warns ten times a value, and says how often it would have', () => {
    const { warnings } = serialised(Array.from({ length: 1234 }, () => Symbol('again')));
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)).toBe('and 1224 more');
  });

  it('minds neither a missing listener nor one that throws', () => {
    expect(serialise(Symbol('s'))).toBe('"Symbol(s)"');
    const fail = () => {
      throw new Error('listener');
    };
    expect(serialise(Symbol('s'), fail)).toBe('"Symbol(s)"');
  });

  it('never throws, and always gives JSON', () => {
    fc.assert(
      fc.property(anything, (value) => {
        serialised(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever a proxy does', () => {
    const traps = ['get', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'has', 'isExtensible'] as const;
    const misbehaviour = fc.oneof(anything, fc.constant(thrower));
    const target = fc.constantFrom<() => object>(
      () => ({ a: 1, b: { c: 2 } }),
      () => [1, 2],
      () => new Map([[1, 2]]),
      () => new Error('x'),
      () => () => 1,
    );
    fc.assert(
      fc.property(target, fc.subarray([...traps]), misbehaviour, (make, trapped, behaviour) => {
        // A length that lies is tested above, and takes its time.
        const act = (_: object, key: unknown) => (key === 'length' ? 3 : behaviour === thrower ? thrower() : behaviour);
        const handler = Object.fromEntries(trapped.map((trap) => [trap, act]));
        const proxy = new Proxy(make(), handler);
        serialised(proxy);
        serialised({ a: [proxy], b: new Map([['p', proxy]]) });
      }),
      { numRuns: 500 },
    );
  });
});

function thrower(): never {
  throw Object.create(null);
}

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: 'binary',
});
