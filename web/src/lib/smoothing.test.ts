import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Smoothing, type SmoothingKind, smooth } from './smoothing';

const KINDS: SmoothingKind[] = ['ema', 'gaussian', 'mean'];
const kinds = fc.constantFrom(...KINDS);
const amounts = fc.double({ min: 0.01, max: 1, noNaN: true });
const values = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const lines = fc.array(values, { maxLength: 200 });

describe('smoothing', () => {
  test('keeps gaps where they are and stays between the smallest and the largest', () => {
    fc.assert(
      fc.property(lines, kinds, amounts, (line, kind, amount) => {
        const found = smooth(line, { kind, amount });
        expect(found.length).toBe(line.length);
        const fine = line.filter(Number.isFinite);
        const [low, high] = [Math.min(...fine), Math.max(...fine)];
        const room = 1e-9 * (Math.abs(low) + Math.abs(high) + 1);
        line.forEach((value, i) => {
          expect(Number.isFinite(found[i])).toBe(Number.isFinite(value));
          if (!Number.isFinite(value)) return;
          expect(found[i]).toBeGreaterThanOrEqual(low - room);
          expect(found[i]).toBeLessThanOrEqual(high + room);
        });
      }),
    );
  });

  test('leaves a constant as it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.integer({ min: 3, max: 99 }),
        kinds,
        amounts,
        (value, length, kind, amount) => {
          const found = smooth(new Float64Array(length).fill(value), { kind, amount });
          for (const each of found) expect(each).toBeCloseTo(value, 6);
        },
      ),
    );
  });

  test('makes noise smaller, the more the stronger', () => {
    const noise = Float64Array.from({ length: 400 }, (_, i) => (i % 2 ? 1 : -1));
    const rough = (how: Smoothing) =>
      smooth(noise, how).reduce(
        (sum, each, i, all) => sum + Math.abs(each - (all[i - 1] ?? each)),
        0,
      );
    for (const kind of KINDS) {
      expect(rough({ kind, amount: 0.9 })).toBeLessThan(rough({ kind, amount: 0.3 }));
      expect(rough({ kind, amount: 0.3 })).toBeLessThan(rough({ kind: 'none', amount: 0 }));
    }
  });

  test('a window that knows what lies before it is smoothed as in the whole', () => {
    const line = Float64Array.from({ length: 300 }, (_, i) => Math.sin(i / 9) + (i % 3) / 5);
    const whole = smooth(line, { kind: 'gaussian', amount: 0.4 }, 100);
    const part = smooth(line.subarray(50, 250), { kind: 'gaussian', amount: 0.4 }, 100);
    for (let i = 50; i < 150; i += 1) expect(part[i]).toBeCloseTo(whole[50 + i], 9);
  });
});
