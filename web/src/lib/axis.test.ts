import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisOf, ticks } from './axis';

const words = (value: number) => String(value);
const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
const positive = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 2 });

describe('an axis', () => {
  test('keeps numbers in their order, from 0 to 1', () => {
    fc.assert(
      fc.property(fc.oneof(numbers, positive), (values) => {
        const axis = axisOf(values, words);
        const sorted = [...values].sort((a, b) => a - b).map(axis.place);
        for (let i = 0; i < sorted.length; i += 1) {
          expect(sorted[i]).toBeGreaterThanOrEqual(-1e-9);
          expect(sorted[i]).toBeLessThanOrEqual(1 + 1e-9);
          if (i > 0) expect(sorted[i]).toBeGreaterThanOrEqual(sorted[i - 1] - 1e-9);
        }
      }),
    );
  });

  test('reads learning rates in decades', () => {
    const axis = axisOf([1e-5, 1e-3, 1e-1], words);
    expect(axis.log).toBe(true);
    expect(axis.place(1e-3)).toBeCloseTo(0.5);
  });

  test('spans what may be tried, and what was tried beyond it', () => {
    const axis = axisOf([2, 12], words, { span: [0, 10] });
    expect(axis.place(0)).toBe(0);
    expect(axis.place(12)).toBe(1);
  });

  test('gives every choice its place in its own order, numbers too', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean()), {
          minLength: 2,
          selector: (value) => String(value),
        }),
        (choices) => {
          const axis = axisOf([choices[0]], words, { choices });
          const places = choices.map(axis.place);
          expect(places[0]).toBe(0);
          expect(places[places.length - 1]).toBe(1);
          expect(places).toEqual([...places].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('has no place for what is not on it', () => {
    expect(axisOf([1, 2], words).place('adam')).toBeNaN();
    expect(axisOf(['sgd', 'adam'], words).place('lion')).toBeNaN();
  });
});

describe('ticks', () => {
  test('are few, in order and between the ends', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.boolean(),
        (low, span, log) => {
          const found = ticks(low, low + span, 5, log);
          expect(found.length).toBeLessThan(20);
          for (const each of found) {
            expect(each).toBeGreaterThanOrEqual(low - Math.abs(low) * 1e-9 - span * 1e-6);
            expect(each).toBeLessThanOrEqual(low + span + Math.abs(low) * 1e-9 + span * 1e-6);
          }
          expect(found).toEqual([...found].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('are round', () => {
    expect(ticks(1.63, 2.4, 5)).toEqual([1.8, 2, 2.2, 2.4]);
    expect(ticks(0.02, 30, 4, true)).toEqual([0.1, 1, 10]);
  });
});
