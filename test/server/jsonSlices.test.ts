import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLight, jsonSlices } from '../../src/server/jsonSlices.ts';

const LONG = 'x'.repeat(100_000);

describe('JSON in slices', () => {
  it('is the text that it is in one', async () => {
    const inner = fc.jsonValue({ maxDepth: 4 });
    const heavy = fc.tuple(inner, fc.integer({ min: 0, max: 3_000 })).map(([value, times]) => Array(times).fill(value));
    const values = fc.oneof(inner, heavy, fc.dictionary(fc.string(), fc.oneof(inner, heavy)), fc.array(heavy));
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(await joined(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['nothing', []],
    ['no fields', {}],
    ['a field that is not there', { a: undefined, b: [LONG], c: undefined }],
    ['only fields that are not there', { a: undefined, b: [LONG, { c: undefined }] }],
    ['long texts side by side', [LONG, LONG, { text: LONG, end: 1 }]],
    ['signs of more than one byte', ['ü€😀'.repeat(30_000), '😀'.repeat(40_000)]],
    ['very long texts', ['x'.repeat(1_000_000), { a: '😀"'.repeat(400_000), b: `x${'😀'.repeat(400_000)}` }]],
    ['halves of signs', ['\ud83d'.repeat(300_000), `x${'\ud83d'.repeat(300_000)}`, '\ude00'.repeat(300_000)]],
    ['rows without a prototype', Array(5_000).fill(Object.assign(Object.create(null), { a: 1, b: null }))],
  ])('can hold %s', async (_what, value) => {
    expect(await joined(value)).toBe(JSON.stringify(value));
  });

  it('lets others have their turn in between', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const slices = [];
    for await (const slice of jsonSlices(Array(50).fill(LONG))) slices.push(slice);
    clearImmediate(timer);
    expect(slices.length).toBeGreaterThan(40);
    expect(turns).toBeGreaterThan(40);
    expect(Math.max(...slices.map((slice) => slice.length))).toBeLessThan(2 * LONG.length);
  });
});

describe('A light value', () => {
  it.each([1, 'text', null, [], {}, { data: Array(100).fill({ a: 1 }) }])('can be %j', (value) => {
    expect(isLight(value)).toBe(true);
  });

  it.each([
    ['a long text', LONG],
    ['long texts', { a: [LONG] }],
    ['many values', Array(5_000).fill(1)],
  ])('is not %s', (_what, value) => {
    expect(isLight(value)).toBe(false);
  });
});

async function joined(value: unknown): Promise<string> {
  let text = '';
  for await (const slice of jsonSlices(value)) text += slice;
  return text;
}
