import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromOpaque, toOpaque } from '../../src/schema/opaque.ts';

it('gives back what it was made of, to the last bit', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = toOpaque(parts);
      expect(text).toMatch(/^[\w-]+$/);
      expect(fromOpaque(text)).toEqual(parts);
    }),
  );
});

it('gives nothing for a text that is not its own', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(fromOpaque(text)).toEqual([]);
    }),
  );
});
