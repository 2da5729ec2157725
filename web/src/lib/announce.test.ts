import { expect, test } from 'vitest';
import { newcomers, spoken } from './announce';

const said = (...names: string[]) => names.map((key) => ({ key, words: `${key} crashed` }));

test('what was there when the page opened is not news', () => {
  expect(newcomers(null, said('a', 'b'))).toEqual([]);
  expect(newcomers(new Set(['a']), said('a', 'b'))).toEqual(said('b'));
});

test('a crowd is named in part and counted', () => {
  expect(spoken(said('a'))).toBe('a crashed');
  expect(spoken(said('a', 'b', 'c', 'd'))).toBe(
    'a crashed; b crashed; c crashed; and 1 more run needs you',
  );
  expect(spoken(said('a', 'b', 'c', 'd', 'e'))).toContain('and 2 more runs need you');
});
