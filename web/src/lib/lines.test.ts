import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ease, nearestLine, passes, readBrushes, writeBrushes } from './lines';

const part = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const range = fc
  .tuple(part, part)
  .filter(([a, b]) => a < b)
  .map(([a, b]): [number, number] => [a, b]);
const name = fc.string({ minLength: 1, unit: 'grapheme' });
const line = fc.array(part, { minLength: 3, maxLength: 3 }).map((at) => ({
  id: 1,
  at,
  strength: 1,
}));

describe('brushes', () => {
  test('are the same after a way through an address', () => {
    fc.assert(
      fc.property(fc.dictionary(name, range), (brushes) => {
        expect(readBrushes(writeBrushes(brushes))).toEqual({ ...brushes });
      }),
    );
  });

  test('that cannot be read are none', () => {
    for (const text of ['', 'lr', 'lr:0.5', 'lr:1-0', 'lr:0-2', '%E0%A4%A:0-1', ':0-1'])
      expect(readBrushes(text)).toEqual({});
  });

  test('another one never lets more lines pass', () => {
    const brushes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), range);
    fc.assert(
      fc.property(line, brushes, fc.constantFrom('a', 'b', 'c'), range, (one, own, more, to) => {
        const names = ['a', 'b', 'c'];
        const { [more]: _, ...rest } = own;
        if (passes(one, names, { ...rest, [more]: to }))
          expect(passes(one, names, rest)).toBe(true);
      }),
    );
  });

  test('a line without a place on a brushed axis does not pass', () => {
    const one = { id: 1, at: [Number.NaN, 0.5], strength: 1 };
    expect(passes(one, ['a', 'b'], { a: [0, 1] })).toBe(false);
    expect(passes(one, ['a', 'b'], { b: [0, 1] })).toBe(true);
  });
});

describe('the line under the pointer', () => {
  test('is found where it was drawn', () => {
    fc.assert(
      fc.property(line, part, (one, x) => {
        const i = Math.min(1, Math.floor(x * 2));
        const weight = ease(x * 2 - i);
        const y = one.at[i] * (1 - weight) + one.at[i + 1] * weight;
        expect(nearestLine([one], 3, x, y, 1e-6)).toBe(one);
        expect(nearestLine([one], 3, x, y + 0.2, 0.1)).toBeNull();
      }),
    );
  });

  test('the curve goes from one height to the other without turning back', () => {
    expect(ease(0)).toBeCloseTo(0);
    expect(ease(1)).toBeCloseTo(1);
    fc.assert(
      fc.property(part, part, (a, b) => {
        if (a <= b) expect(ease(a)).toBeLessThanOrEqual(ease(b) + 1e-6);
      }),
    );
  });
});
