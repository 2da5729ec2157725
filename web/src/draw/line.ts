// Lines as charts draw them, and what can be said of them without a screen. Never touches a canvas.
import type { Shown } from '@/lib/states';

export interface Line {
  /** The run's key, or the group's name. */
  id: string;
  label: string;
  /** A colour token. */
  token: string;
  dash: number[];
  x: Float64Array;
  /** NaN where there is a gap. */
  y: Float64Array;
  /** Before smoothing; null if it is the same. */
  raw: Float64Array | null;
  low: Float64Array | null;
  high: Float64Array | null;
  /** Where values were NaN or infinite. */
  odd: Float64Array;
  nanCount: number;
  infCount: number;
  points: number;
  /** How it ended, if badly. */
  end: Shown | null;
  /** In a group: how many members. */
  members?: number;
  /** Drawn back: it stands behind what it is a member of. */
  faint?: boolean;
  /** Of a crowd: where the middle eight tenths and the middle half of the members lie. */
  parts?: { low: Float64Array; high: Float64Array }[];
}

/** Something said at a place of x that is no number. */
export interface Note {
  /** The line that it belongs to. */
  id: string;
  x: number;
  text: string;
}

export type XKind = 'number' | 'duration' | 'time';

export interface ChartModel {
  lines: Line[];
  x: XKind;
  xLog: boolean;
  yLog: boolean;
  band: boolean;
  zoom: [number, number] | null;
  /** The y range asked for; null: what is visible. */
  y?: [number, number] | null;
  /** Whether the farthest values may fall outside. */
  clip?: boolean;
  limits: { y: number; label: string }[];
  notes?: readonly Note[];
}

export type Range = [number, number];

/** The index of the last x that is not beyond the asked one; -1 if all are. */
export function indexAt(xs: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The index of the nearest x; -1 without any. */
export function nearest(xs: ArrayLike<number>, x: number): number {
  if (xs.length === 0) return -1;
  const i = indexAt(xs, x);
  if (i < 0) return 0;
  return i + 1 < xs.length && xs[i + 1] - x < x - xs[i] ? i + 1 : i;
}

/** The x range of all lines. */
export function xRange(model: ChartModel): Range {
  if (model.zoom) return model.zoom;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of model.lines) {
    for (let i = 0; i < x.length; i += 1) {
      if (model.xLog && x[i] <= 0) continue;
      if (x[i] < low) low = x[i];
      if (x[i] > high) high = x[i];
    }
  }
  if (low > high) return model.xLog ? [1, 10] : [0, 1];
  if (low < high) return [low, high];
  return model.xLog ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
}

/** The y range of what is visible in an x range, spikes included. */
export function yRange(model: ChartModel, [from, to]: Range): Range {
  if (model.y && !(model.yLog && model.y[0] <= 0)) return model.y;
  if (model.clip) return clipped(model, [from, to]);
  const whole = spanned(model, [from, to]);
  const middle = model.yLog ? null : middling(model, [from, to]);
  if (!middle || whole[1] - whole[0] < (middle[1] - middle[0]) * FAR) return whole;
  // One run that diverged to 1e290 would leave a flat line of all that people came to see.
  return [Math.max(whole[0], middle[0]), Math.min(whole[1], middle[1])];
}

/** Whether values lie so far out that they are left outside without being asked. */
export function isFar(model: ChartModel, x: Range): boolean {
  if (model.y || model.clip || model.yLog) return false;
  const [low, high] = yRange(model, x);
  const [least, most] = spanned(model, x);
  return low > least || high < most;
}

const FAR = 1e12;
const SAMPLED = 2_000;
const REACH = 3;

/** Three times as far as the middle half of the visible values reaches; null without any spread. */
function middling(model: ChartModel, [from, to]: Range): Range | null {
  const values: number[] = [];
  const every = Math.max(1, Math.ceil(model.lines.reduce((n, { x }) => n + x.length, 0) / SAMPLED));
  for (const line of model.lines) {
    for (
      let i = Math.max(0, indexAt(line.x, from));
      i < line.x.length && line.x[i] <= to;
      i += every
    )
      if (Number.isFinite(line.y[i])) values.push(line.y[i]);
  }
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [sorted[sorted.length >> 2], sorted[(sorted.length * 3) >> 2]];
  return low < high ? [low - REACH * (high - low), high + REACH * (high - low)] : null;
}

/** All that is visible, spikes included, with some room. */
function spanned(model: ChartModel, [from, to]: Range): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const take = (value: number) => {
    if (!Number.isFinite(value) || (model.yLog && value <= 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const line of model.lines) {
    const start = Math.max(0, indexAt(line.x, from));
    const end = Math.min(line.x.length - 1, indexAt(line.x, to) + 1);
    for (let i = start; i <= end; i += 1) {
      take(line.y[i]);
      if (line.raw) take(line.raw[i]);
      if (model.band && line.low && line.high) {
        take(line.low[i]);
        take(line.high[i]);
      }
    }
  }
  return padded(low, high, model.yLog);
}

const CLIPPED_PART = 0.02;

/** Where all but the lowest and highest fiftieth of the visible values lie. */
function clipped(model: ChartModel, [from, to]: Range): Range {
  const values: number[] = [];
  for (const line of model.lines) {
    for (let i = Math.max(0, indexAt(line.x, from)); i < line.x.length && line.x[i] <= to; i += 1) {
      const value = line.y[i];
      if (Number.isFinite(value) && !(model.yLog && value <= 0)) values.push(value);
    }
  }
  const sorted = Float64Array.from(values).sort();
  const off = Math.floor(sorted.length * CLIPPED_PART);
  if (sorted.length === 0) return padded(1, 0, model.yLog);
  return padded(sorted[off], sorted[sorted.length - 1 - off], model.yLog);
}

function padded(low: number, high: number, log: boolean): Range {
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const room = low === high ? Math.abs(low) * 0.1 || 0.5 : (high - low) * 0.06;
  return [low - room, high + room];
}

/** Whether any point of the line is within the range. */
export function inView(line: Line, [from, to]: Range): boolean {
  return line.x.length > 0 && line.x[0] <= to && line.x[line.x.length - 1] >= from;
}

/** The last finite point, where the end's glyph goes. */
export function endOf(line: Line): { x: number; y: number } | null {
  for (let i = line.y.length - 1; i >= 0; i -= 1) {
    if (Number.isFinite(line.y[i])) return { x: line.x[i], y: line.y[i] };
  }
  return null;
}
