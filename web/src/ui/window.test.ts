import { expect, test } from 'vitest';
import { revealing, windowOf } from './window';

test('the window holds what is seen and some rows beyond', () => {
  expect(windowOf(0, 300, 30, 1000)).toEqual({ first: 0, last: 18 });
  expect(windowOf(3000, 300, 30, 1000)).toEqual({ first: 92, last: 118 });
});

test('the window ends where the rows end, even if they became fewer', () => {
  expect(windowOf(29_700, 300, 30, 1000)).toEqual({ first: 982, last: 999 });
  expect(windowOf(29_700, 300, 30, 5)).toEqual({ first: 0, last: 4 });
});

test('no rows and a box of no height have an empty window', () => {
  expect(windowOf(0, 300, 30, 0)).toEqual({ first: 0, last: -1 });
  expect(windowOf(900, 0, 30, 1000)).toEqual({ first: 0, last: -1 });
});

test('a row is brought into the box by the shortest way, and one that is there stays', () => {
  expect(revealing(10, 30, 200, 300)).toBe(200);
  expect(revealing(2, 30, 200, 300)).toBe(60);
  expect(revealing(40, 30, 200, 300)).toBe(930);
});
