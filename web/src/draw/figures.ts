// A chart of lines as a table: a row for each x, a column for each line. Never touches a canvas.
import type { Cells } from '@/lib/cells';
import { xValue } from './axes';
import { type ChartModel, indexAt, type Line, xRange } from './line';

const COLUMNS_MAX = 24;
const X_NAMES: Record<string, string> = {
  _step: 'Step',
  _relative: 'Time since start',
  _timestamp: 'Time',
};

/** What is in view; where a place stands for many points, their range is beside the value. */
export function lineCells(model: ChartModel, x: string, words: (value: number) => string): Cells {
  const [from, to] = xRange(model);
  // Lines are drawn from the last to the first.
  const all = model.lines.toReversed();
  const lines = all.slice(0, COLUMNS_MAX);
  const rows = new Map<number, (string | null)[]>();
  lines.forEach((line, n) => {
    for (let i = Math.max(0, indexAt(line.x, from)); i < line.x.length && line.x[i] <= to; i += 1) {
      if (line.x[i] < from) continue;
      const row = rows.get(line.x[i]) ?? Array.from(lines, () => null);
      row[n] = cell(line, i, words);
      rows.set(line.x[i], row);
    }
  });
  return {
    columns: [
      { name: X_NAMES[x] ?? x, words: model.x !== 'number' },
      ...lines.map((line) => ({ name: line.label })),
    ],
    rows: [...rows].sort(([a], [b]) => a - b).map(([at, cells]) => [xValue(model.x, at), ...cells]),
    note:
      all.length > lines.length
        ? `${all.length - lines.length} more lines are in the CSV export.`
        : undefined,
  };
}

function cell(line: Line, i: number, words: (value: number) => string): string | null {
  const value = line.y[i];
  if (Number.isNaN(value)) return line.odd.includes(line.x[i]) ? 'NaN' : null;
  const [low, high] = [line.low?.[i] ?? value, line.high?.[i] ?? value];
  return high > low ? `${words(value)} (${words(low)} to ${words(high)})` : words(value);
}
