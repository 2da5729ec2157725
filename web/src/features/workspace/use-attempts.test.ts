import { expect, test } from 'vitest';
import type { AttemptView, RunView } from '@/data/records';
import { firsts, type Line, xRange } from '@/draw/line';
import { breaksOf, marksOf } from './use-attempts';

const RUN = { key: 1, state: 'crashed', started_at: 1_000, ended_at: 9_000 } as RunView;
const tried = (epoch: number, started_at: number, ended_at: number | null) =>
  ({ epoch, started_at, ended_at }) as AttemptView;
const TWICE = [tried(1, 1_000, 3_000), tried(2, 5_000, 9_000)];

test('a further attempt breaks the line between the end before it and its start', () => {
  const known = new Map([[1, TWICE]]);
  expect(breaksOf([RUN], known, '_timestamp').get(1)).toEqual([{ x: 4_000, start: 5_000 }]);
  expect(breaksOf([RUN], known, '_relative').get(1)).toEqual([{ x: 3_000, start: 4_000 }]);
  expect(breaksOf([RUN], new Map([[1, TWICE.slice(0, 1)]]), '_relative').size).toBe(0);
  // An end that was found out late is no later than the next start.
  const late = new Map([[1, [tried(1, 1_000, 8_000), tried(2, 5_000, null)]]]);
  expect(breaksOf([RUN], late, '_timestamp').get(1)).toEqual([{ x: 5_000, start: 5_000 }]);
});

test('the first point of an attempt is the first that is not before it', () => {
  const line = {
    x: Float64Array.of(1, 2, 5, 6),
    breaks: [4, 5, 9].map((x) => ({ x, start: x })),
  } as unknown as Line;
  expect([...firsts(line)]).toEqual([2, 4]);
});

test('of a run alone the bad end is marked, beyond the last that was measured', () => {
  const marks = marksOf(RUN, TWICE, '_relative');
  expect(marks.map(({ x, label }) => [x, label])).toEqual([
    [4_000, 'attempt 2'],
    [8_000, 'Crashed'],
  ]);
  expect(marksOf({ ...RUN, state: 'finished' }, [], '_relative')).toEqual([]);
  const lines = [{ x: Float64Array.of(0, 7_000) }] as Line[];
  const model = { lines, marks, xLog: false, zoom: null } as never;
  expect(xRange(model)).toEqual([0, 8_000]);
});
