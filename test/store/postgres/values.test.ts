import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeOf } from '../../../src/store/postgres/place.ts';
import { Session } from '../../../src/store/postgres/session.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let session: Session;
beforeAll(async () => {
  database = await newDatabase();
  session = await Session.connect(placeOf(database.url), { statementTimeoutMs: 10_000, pooler: false });
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

/** Any text that UTF-8 can hold; often with the characters that stand for others. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a', '"', '\\', '{', ',', '\uffff', '\u{10ffff}') }),
);

const inUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('A text', () => {
  test('comes back as it was, alone and in an array, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.option(text)), async (one, many) => {
        const [row] = await session.all<{ one: string }>('SELECT $1::text AS one', [one]);
        expect(row?.one).toBe(one);
        const rows = await session.all<{ item: string | null }>(
          'SELECT item FROM unnest($1::text[]) WITH ORDINALITY AS k (item, place) ORDER BY place',
          [many],
        );
        expect(rows.map(({ item }) => item)).toEqual(many);
      }),
      { numRuns: 200 },
    );
  });

  test('is in the order of UTF-8 bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 2 }), async (many) => {
        const rows = await session.all<{ item: string }>(
          'SELECT item FROM unnest($1::text[]) AS k (item) ORDER BY item COLLATE "C"',
          [many],
        );
        expect(rows.map(({ item }) => item)).toEqual(many.toSorted(inUtf8));
      }),
      { numRuns: 200 },
    );
  });

  test('made of two is what the two are together', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const [row] = await session.all<{ both: string }>('SELECT $1::text || $2::text AS both', [one, other]);
        expect(row?.both).toBe(one + other);
      }),
      { numRuns: 100 },
    );
  });
});

test('A number comes back as it was, to the last bit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), async (numbers) => {
      const rows = await session.all<{ item: number }>(
        'SELECT item FROM unnest($1::float8[]) WITH ORDINALITY AS k (item, place) ORDER BY place',
        [numbers],
      );
      expect(rows.map(({ item }) => item + 0)).toEqual(numbers.map((number) => number + 0));
    }),
    { numRuns: 100 },
  );
});

test('Bytes come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 1_000 }), async (bytes) => {
      const [row] = await session.all<{ bytes: Buffer }>('SELECT $1::bytea AS bytes', [Buffer.from(bytes)]);
      expect(row?.bytes.equals(bytes)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
