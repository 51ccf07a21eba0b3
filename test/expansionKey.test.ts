import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, expansionKey, ownerOfKey } from '../src/expansionKey.ts';

describe('an expansion key', () => {
  it("is what the name of a sub-run has beyond its parent's and a slash", () => {
    expect(expansionKey('pipelines:daily', 'pipelines:daily/map[0]')).toBe('map[0]');
    expect(expansionKey('a', 'a/b/c[1]')).toBe('b/c[1]');
    expect(expansionKey('a', 'a/')).toBe('');
  });

  it("is none where the name does not begin with the parent's", () => {
    expect(expansionKey('a', 'b/map[0]')).toBeNull();
    expect(expansionKey('a', 'ab[0]')).toBeNull();
    expect(expansionKey('a', 'a')).toBeNull();
  });
});

describe('the owner of a key', () => {
  it.each([
    ['map[0]', ['map', 'other'], 'map'],
    ['call[]', ['call'], 'call'],
    ['switch[left]', ['switch'], 'switch'],
    ['both[3:left]', ['both'], 'both'],
    ['label/call', ['label'], 'label'],
    ['group[x][0]', ['group', 'group[x]'], 'group[x]'],
    ['group[y]', ['group', 'group[x]'], 'group'],
    ['a/b[0]', ['a', 'a/b'], 'a/b'],
    ['a/b[0]', ['a'], 'a'],
    ['[0]', ['', 'map'], ''],
    ['/call', [''], ''],
    ['map[0]', ['ma', 'map['], null],
    ['map', ['map'], null],
    ['map[0]', [], null],
    ['', [''], null],
  ])('of %j among %j is %j', (key, labels, owner) => {
    expect(ownerOfKey(key, new Set(labels))).toBe(owner);
  });

  it('is the longest label that the key begins with, followed by [ or /', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '[', '/', ']'), maxLength: 6 });
    fc.assert(
      fc.property(text, fc.array(text), (key, labels) => {
        const candidates = labels.filter((label) => key.startsWith(`${label}[`) || key.startsWith(`${label}/`));
        const longest = candidates.toSorted((a, b) => b.length - a.length)[0] ?? null;
        expect(ownerOfKey(key, new Set(labels))).toBe(longest);
      }),
    );
  });
});

describe('the order of keys', () => {
  it.each([
    [
      ['m[10]', 'm[2]', 'm[1]'],
      ['m[1]', 'm[2]', 'm[10]'],
    ],
    [
      ['m[b]', 'm[10]', 'm[a]', 'm[9]'],
      ['m[9]', 'm[10]', 'm[a]', 'm[b]'],
    ],
    [
      ['m[10:a]', 'm[9:b]', 'm[9:a]'],
      ['m[9:a]', 'm[9:b]', 'm[10:a]'],
    ],
    [
      ['m2[1]', 'm10[1]', 'm1[2]'],
      ['m1[2]', 'm2[1]', 'm10[1]'],
    ],
    [
      ['m[]', 'm', 'm[0]'],
      ['m', 'm[0]', 'm[]'],
    ],
    [
      ['m[1]', 'm[01]', 'm[001]'],
      ['m[001]', 'm[01]', 'm[1]'],
    ],
    [
      ['m[1.10]', 'm[1.9]'],
      ['m[1.9]', 'm[1.10]'],
    ],
    [
      ['m[90071992547409930]', 'm[90071992547409929]'],
      ['m[90071992547409929]', 'm[90071992547409930]'],
    ],
  ])('of %j is natural', (keys, sorted) => {
    expect(keys.toSorted(compareKeys)).toEqual(sorted);
  });

  it('is a total one: consistent for any three keys, zero for equal ones only', () => {
    const key = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', '[', '!', 'é'), maxLength: 5 });
    fc.assert(
      fc.property(key, key, key, (a, b, c) => {
        expect(Math.sign(compareKeys(a, b))).toBe(-Math.sign(compareKeys(b, a)) + 0);
        expect(compareKeys(a, b) === 0).toBe(a === b);
        if (compareKeys(a, b) < 0 && compareKeys(b, c) < 0) expect(compareKeys(a, c)).toBeLessThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is that of the numbers, however many digits they have', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        expect(Math.sign(compareKeys(`m[${a}]`, `m[${b}]`))).toBe(a < b ? -1 : Number(a > b));
      }),
    );
  });
});
