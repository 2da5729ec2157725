import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byteSteps,
  byteTicks,
  byteWords,
  linearSteps,
  linearTicks,
  logTicks,
  shortNumber,
  timeWords,
} from './axes';

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

test('a linear axis is divided whatever it spans, also beyond what the engine knows', () => {
  const ends = fc.tuple(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.integer({ min: -6, max: 292 }),
  );
  fc.assert(
    fc.property(ends, ([low, exponent]) => {
      const high = low + 5 * 10 ** exponent;
      const step = linearSteps(low, high).find((each) => (high - low) / each <= 8);
      expect(step).toBeDefined();
      const ticks = linearTicks(low, high, step ?? 1);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(10);
    }),
  );
});

test('an axis of bytes is divided in units of 1,024', () => {
  const gib = 2 ** 30;
  expect(byteSteps(0, 70 * gib)).toContain(20 * gib);
  const ticks = byteTicks(0, 70 * gib, 20 * gib);
  expect(byteWords(ticks)).toEqual(['0', '20 GiB', '40 GiB', '60 GiB']);
  expect(byteWords([0, 256 * 2 ** 20])).toEqual(['0', '256 MiB']);
  expect(byteWords([1, 2])).toEqual(['1', '2']);
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

test('ticks of the wall clock are as short as they are apart', () => {
  const at = (...parts: [number, number, number]) => new Date(2026, 10, 25, ...parts).getTime();
  expect(timeWords([at(12, 40, 0), at(12, 40, 30)])).toEqual(['12:40:00', '12:40:30']);
  expect(timeWords([at(12, 40, 0), at(12, 45, 0)])).toEqual(['12:40', '12:45']);
  expect(timeWords([at(12, 40, 0)])).toEqual(['12:40']);
  const [evening, midnight] = timeWords([at(18, 0, 0), at(24, 0, 0)]);
  expect([evening, midnight]).toEqual(['18:00', '26 Nov']);
  const days = [0, 1, 2].map((day) => new Date(2026, 10, 25 + day, 9).getTime());
  expect(timeWords(days)).toEqual(['25 Nov', '26 Nov', '27 Nov']);
});
