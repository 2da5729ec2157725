import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ago, bytes, compact, duration, figure, number, setting } from './format';

const finite = fc.double({ min: -1e300, max: 1e300, noNaN: true });
const back = (text: string) => Number(text.replaceAll('−', '-').replaceAll(',', ''));

describe('numbers', () => {
  test.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [0.00012, '1.2e−4'],
    [-0.5, '−0.5'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
    [null, '–'],
    [undefined, '–'],
    ['<b>', '<b>'],
    [true, 'true'],
  ])('%s is written %s', (value, words) => expect(number(value)).toBe(words));

  test('what is written is what it was, to four digits', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const told = back(number(value));
        expect(Math.abs(told - value)).toBeLessThanOrEqual(Math.abs(value) * 0.006 + 1e-320);
      }),
    );
  });

  test('a column has as many digits in every row', () => {
    expect([0.688, 0.7039, 1.98, -2.5, 12.5].map((each) => figure(each))).toEqual([
      '0.6880',
      '0.7039',
      '1.980',
      '−2.500',
      '12.50',
    ]);
    expect(figure(7)).toBe('7');
  });

  test('settings are as they were written', () => {
    expect(setting(4096)).toBe('4096');
    expect(setting(3e-4)).toBe('3e−4');
  });
});

describe('lengths', () => {
  test.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [59_999, '59 s'],
    [61_000, '1m 01s'],
    [3_599_000, '59 min'],
    [26_160_000, '7h 16m'],
    [187_200_000, '2d 4h'],
    [-5, '0.0 s'],
    [null, '–'],
  ])('%s ms are %s', (ms, words) => expect(duration(ms)).toBe(words));

  test('a longer time never has fewer milliseconds', () => {
    expect(ago(1_000, 500)).toBe('just now');
    expect(ago(1_000, 6_000)).toBe('5.0 s ago');
  });
});

test.each([
  [999, '999'],
  [78_512, '78.5k'],
  [1_200_000, '1.2M'],
])('%s is counted %s', (n, words) => expect(compact(n)).toBe(words));

test.each([
  [512, '512 B'],
  [1024, '1 KiB'],
  [64 * 2 ** 30, '64 GiB'],
])('%s bytes are %s', (n, words) => expect(bytes(n)).toBe(words));
