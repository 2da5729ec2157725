import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inks, SERIES } from './palette';

const sets = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 24 });

test('no two of the shown runs look the same, up to all hues and dashes', () => {
  fc.assert(
    fc.property(sets, (ids) => {
      const looks = [...inks(ids).values()].map((ink) => `${ink.hue} ${ink.dash}`);
      expect(new Set(looks).size).toBe(ids.length);
    }),
  );
});

test('eight runs need no dashes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: SERIES }), (ids) => {
      for (const ink of inks(ids).values()) expect(ink.dash).toEqual([]);
    }),
  );
});

test('colours do not hang on the order of the table', () => {
  fc.assert(
    fc.property(sets, (ids) => {
      expect(inks([...ids].reverse())).toEqual(inks(ids));
    }),
  );
});
