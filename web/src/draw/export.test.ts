import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { svg } from './export';
import type { ChartModel, Line } from './line';

beforeAll(() => {
  vi.stubGlobal('document', { documentElement: null });
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: (token: string) => token }));
});
afterAll(() => vi.unstubAllGlobals());

const LINE: Line = {
  id: '1',
  label: 'brave <fold>',
  token: '--series-1',
  dash: [],
  x: Float64Array.of(0, 1, 2, 3),
  y: Float64Array.of(5, Number.NaN, 3, 2),
  raw: null,
  low: null,
  high: null,
  odd: Float64Array.of(1, 9),
  nanCount: 1,
  infCount: 0,
  points: 4,
  end: 'crashed',
};
const MODEL: ChartModel = {
  lines: [LINE],
  x: 'number',
  xLog: false,
  yLog: false,
  band: true,
  zoom: null,
  limits: [{ y: 4, label: 'limit' }],
};

test('a picture has what the chart has: limits, marks of NaN, the glyph of a bad end', () => {
  const made = svg('loss', MODEL);
  expect(made).toContain('>limit</text>');
  expect(made.match(/stroke="--state-failed"/g)).toHaveLength(1);
  // Of two values that are no numbers, one lies outside the window.
  expect(made.match(/v-7/g)).toHaveLength(1);
  expect(made).toContain('<title>brave &lt;fold&gt;: Crashed</title>');
  const fine = svg('loss', { ...MODEL, limits: [], lines: [{ ...LINE, odd: LINE.x, end: null }] });
  expect(fine).not.toContain('Crashed');
  expect(fine).not.toContain('limit');
});

test('a smoothed line has what it was before behind it, and both have their gap', () => {
  const made = svg('loss', { ...MODEL, lines: [{ ...LINE, raw: LINE.y }] });
  const drawn = [...made.matchAll(/d="(M[^"]*)" fill="none" stroke="--series-1"/g)];
  expect(drawn.map(([, d]) => d.split('M').length - 1)).toEqual([2, 2]);
  expect(made).toContain('stroke-opacity="0.3"');
});
