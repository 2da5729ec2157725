import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logTicks, shortNumber } from './axes';

test('a logarithmic axis has a few ticks within it, whatever it spans', () => {
  const exponents = fc.tuple(
    fc.double({ min: -300, max: 300, noNaN: true }),
    fc.double({ min: 0.001, max: 300, noNaN: true }),
  );
  fc.assert(
    fc.property(exponents, ([from, more]) => {
      const [low, high] = [10 ** from, 10 ** Math.min(307, from + more)];
      const ticks = logTicks(low, high);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThan(12);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(low * 0.99);
        expect(tick).toBeLessThanOrEqual(high * 1.01);
      }
    }),
  );
});

test('nothing is divided that is no range', () => {
  expect(logTicks(1, 1)).toEqual([]);
  expect(logTicks(0, 1)).toEqual([]);
});

test.each([
  [0, '0'],
  [12_000, '12k'],
  [1e20, '1e20'],
  [-2.5e-7, '−2.5e−7'],
])('%s is short', (value, words) => expect(shortNumber(value)).toBe(words));
