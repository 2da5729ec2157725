import { expect, test } from 'vitest';
import { lineCells } from './figures';
import type { ChartModel, Line } from './line';

const NONE = new Float64Array();

function line(label: string, x: number[], y: number[], more: Partial<Line> = {}): Line {
  return {
    id: label,
    label,
    token: '',
    dash: [],
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    raw: null,
    low: null,
    high: null,
    odd: NONE,
    nanCount: 0,
    infCount: 0,
    points: x.length,
    end: null,
    ...more,
  };
}

function cells(lines: Line[], zoom: [number, number] | null = null) {
  const model: ChartModel = {
    lines,
    x: 'number',
    xLog: false,
    yLog: false,
    band: true,
    zoom,
    limits: [],
  };
  return lineCells(model, '_step', String);
}

test('lines of different steps share rows where their steps are the same', () => {
  const found = cells([line('b', [1, 2], [7, 8]), line('a', [0, 2], [5, 6])]);
  expect(found.columns.map(({ name }) => name)).toEqual(['Step', 'a', 'b']);
  expect(found.rows).toEqual([
    ['0', '5', null],
    ['1', null, '7'],
    ['2', '6', '8'],
  ]);
});

test('a place of many values tells their range, one of NaN says so, one outside is left out', () => {
  const wide = line('a', [0, 1, 2, 3], [1, 2, Number.NaN, 4], {
    low: Float64Array.from([1, 0, Number.NaN, 4]),
    high: Float64Array.from([1, 9, Number.NaN, 4]),
    odd: Float64Array.from([2]),
  });
  expect(cells([wide], [1, 2]).rows).toEqual([
    ['1', '2 (0 to 9)'],
    ['2', 'NaN'],
  ]);
});

test('lines beyond those that fit are counted', () => {
  const many = Array.from({ length: 30 }, (_, n) => line(String(n), [0], [n]));
  expect(cells(many).note).toContain('6 more lines');
});
