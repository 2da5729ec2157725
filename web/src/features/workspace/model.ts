// From envelopes to lines: smoothing, gaps, marks, groups, sections. Never fetches or draws.
import type { Envelope } from '@/data/frames';
import type { RunView } from '@/data/records';
import type { Line, XKind } from '@/draw/line';
import type { Ink } from '@/lib/palette';
import { type Smoothing, smooth } from '@/lib/smoothing';
import { BAD, shownState } from '@/lib/states';

export interface Section {
  name: string;
  keys: string[];
}

const LOOSE = 'charts';

/** Keys by their first part, in the order in which people read. */
export function sections(keys: readonly string[], find: string): Section[] {
  const wanted = matcher(find);
  const found = new Map<string, string[]>();
  for (const key of [...keys].sort(byName)) {
    if (!wanted(key)) continue;
    const name = sectionOf(key);
    found.set(name, [...(found.get(name) ?? []), key]);
  }
  return [...found].map(([name, own]) => ({ name, keys: own }));
}

export function sectionOf(key: string): string {
  const slash = key.indexOf('/');
  if (slash > 0) return key.slice(0, slash);
  const dot = key.indexOf('.');
  return dot > 0 ? key.slice(0, dot) : LOOSE;
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** A regular expression if it is one, else a part of the name. */
export function matcher(find: string): (key: string) => boolean {
  const text = find.trim();
  if (!text) return () => true;
  try {
    const pattern = new RegExp(text, 'i');
    return (key) => pattern.test(key);
  } catch {
    const low = text.toLowerCase();
    return (key) => key.toLowerCase().includes(low);
  }
}

export function xKind(x: string): XKind {
  return x === '_relative' ? 'duration' : x === '_timestamp' ? 'time' : 'number';
}

export interface LineStyle {
  smoothing: Smoothing;
  inks: ReadonlyMap<string, Ink>;
}

/** One run's envelope as a line: what is not finite leaves the line and becomes a mark. */
export function lineOf(envelope: Envelope, run: RunView, style: LineStyle): Line {
  const { x, last, min, max, nan, inf, count } = envelope;
  const y = Float64Array.from(last, (value, i) =>
    Number.isFinite(value) ? value : finite(max[i], min[i]),
  );
  const odd: number[] = [];
  let oddCount = 0;
  let wide = false;
  for (let i = 0; i < x.length; i += 1) {
    if (nan[i] + inf[i] > 0) odd.push(x[i]);
    oddCount += nan[i] + inf[i];
    wide ||= count[i] > 1;
  }
  const ink = style.inks.get(String(run.key)) ?? { hue: 0, dash: [] };
  const smoothed = style.smoothing.kind === 'none' ? y : smooth(y, style.smoothing);
  return {
    id: String(run.key),
    label: run.name || run.id,
    token: `--series-${ink.hue}`,
    dash: ink.dash,
    x,
    y: smoothed,
    raw: smoothed === y ? null : y,
    low: wide ? Float64Array.from(min) : null,
    high: wide ? Float64Array.from(max) : null,
    odd: Float64Array.from(odd),
    oddCount,
    points: envelope.points,
    end: BAD.has(run.state) ? shownState(run.state, '') : null,
  };
}

/** A bucket whose last value is no number may still hold numbers. */
function finite(high: number, low: number): number {
  return Number.isFinite(high) ? high : Number.isFinite(low) ? low : Number.NaN;
}

const GRID = 300;

/** Lines of one group as their mean with a band from smallest to largest (or ± a deviation). */
export function joined(
  name: string,
  lines: readonly Line[],
  ink: Ink,
  spread: 'range' | 'deviation' = 'range',
): Line {
  const xs = grid(lines);
  const y = new Float64Array(xs.length).fill(Number.NaN);
  const low = new Float64Array(xs.length).fill(Number.NaN);
  const high = new Float64Array(xs.length).fill(Number.NaN);
  const cursors = new Int32Array(lines.length);
  for (let i = 0; i < xs.length; i += 1) {
    const values: number[] = [];
    lines.forEach((line, n) => {
      const value = valueAt(line, xs[i], cursors, n);
      if (Number.isFinite(value)) values.push(value);
    });
    if (values.length === 0) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
    );
    y[i] = mean;
    low[i] = spread === 'range' ? Math.min(...values) : mean - deviation;
    high[i] = spread === 'range' ? Math.max(...values) : mean + deviation;
  }
  return {
    id: name,
    label: `${name} (${lines.length})`,
    token: `--series-${ink.hue}`,
    dash: ink.dash,
    x: xs,
    y,
    raw: null,
    low,
    high,
    odd: Float64Array.from(lines.flatMap((line) => [...line.odd])).sort(),
    oddCount: lines.reduce((sum, line) => sum + line.oddCount, 0),
    points: lines.reduce((sum, line) => sum + line.points, 0),
    end: null,
    members: lines.length,
  };
}

function grid(lines: readonly Line[]): Float64Array {
  const all = new Set<number>();
  for (const line of lines) for (const x of line.x) all.add(x);
  const sorted = Float64Array.from(all).sort();
  if (sorted.length <= GRID) return sorted;
  const [from, to] = [sorted[0], sorted[sorted.length - 1]];
  return Float64Array.from({ length: GRID }, (_, i) => from + ((to - from) * i) / (GRID - 1));
}

/** Between two points of a line; nothing before its start and after its end. */
function valueAt(line: Line, x: number, cursors: Int32Array, n: number): number {
  const { x: xs, y } = line;
  if (xs.length === 0 || x < xs[0] || x > xs[xs.length - 1]) return Number.NaN;
  while (cursors[n] + 1 < xs.length && xs[cursors[n] + 1] <= x) cursors[n] += 1;
  const i = cursors[n];
  if (xs[i] === x || i + 1 >= xs.length) return y[i];
  const part = (x - xs[i]) / (xs[i + 1] - xs[i]);
  return y[i] + (y[i + 1] - y[i]) * part;
}

/** Whether a smaller value of this metric is the better one, by its name. */
export function smallerIsBetter(key: string): boolean {
  return /loss|error|err\b|perplex|ppl|wer|mae|mse|rmse|nll|time|latency/i.test(key);
}

/** The best value that is shown, for the head of a card. */
export function best(
  lines: readonly Line[],
  key: string,
): { word: 'min' | 'max'; value: number } | null {
  const small = smallerIsBetter(key);
  let found = small ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const values = (small ? line.low : line.high) ?? line.raw ?? line.y;
    for (const value of values) {
      if (Number.isFinite(value) && (small ? value < found : value > found)) found = value;
    }
  }
  return Number.isFinite(found) ? { word: small ? 'min' : 'max', value: found } : null;
}
