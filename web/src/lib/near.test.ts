import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distance, nearest, parts } from './near';

test('letters put in, taken out, changed or swapped are counted', () => {
  expect(distance('brave', 'brave')).toBe(0);
  expect(distance('brave', 'brvae')).toBe(1);
  expect(distance('brave', 'bravest')).toBe(2);
  expect(distance('', 'abc')).toBe(3);
});

test('a distance is the same both ways, and nothing only for the same word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
    }),
  );
});

test('the nearest comes first, and what is far does not come', () => {
  const runs = ['x7k2m9qa', 'x7k2m9q4', 'zzzzzzzz', 'x7k3m9aq'];
  const found = nearest('x7k2m9q3', runs, (each) => [each], 5);
  expect(found).toEqual(['x7k2m9qa', 'x7k2m9q4', 'x7k3m9aq']);
  expect(nearest('x7k2m9q3', runs, (each) => [each], 1)).toEqual(['x7k2m9qa']);
  expect(nearest('qqqqqqqq', runs, (each) => [each], 5)).toEqual([]);
});

test('a link that was cut off finds the whole', () => {
  expect(nearest('brave-f', ['brave-fold-412', 'calm-fox'], (each) => [each], 5)).toEqual([
    'brave-fold-412',
  ]);
});

test('a word with one wrong letter keeps a part of it whole', () => {
  expect(parts('x7k2m9q4')).toEqual(['x7k', '2m9']);
  expect(parts('ab')).toEqual(['ab']);
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 12 }), fc.nat(), (word, at) => {
      const i = at % word.length;
      const typed = `${word.slice(0, i)}\u0000${word.slice(i + 1)}`;
      expect(parts(typed).some((part) => word.includes(part))).toBe(true);
    }),
  );
});
