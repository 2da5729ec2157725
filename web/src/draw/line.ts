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
  /** Where along x a further attempt began: the line has a gap before it. */
  breaks?: readonly Break[];
  /** How it ended, if badly. */
  end: Shown | null;
  /** In a group: how many members. */
  members?: number;
  /** Drawn back: it stands behind what it is a member of. */
  faint?: boolean;
  /** Of a crowd: where the middle eight tenths and the middle half of the members lie. */
  parts?: { low: Float64Array; high: Float64Array }[];
}

/** A further attempt: what is before `x` was of the one before, `start` is when it began. */
export interface Break {
  x: number;
  start: number;
}

/** Something said at a place of x that is no number. */
export interface Note {
  /** The line that it belongs to. */
  id: string;
  x: number;
  text: string;
}

/** Something that happened at a place of x, over the whole height. */
export interface Mark {
  x: number;
  label: string;
  /** A colour token. */
  token: string;
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
  /** Everything is in view, however far out. */
  whole?: boolean;
  limits: { y: number; label: string }[];
  notes?: readonly Note[];
  marks?: readonly Mark[];
  /** Values are bytes: the y axis is divided and written in KiB, MiB and so on. */
  bytes?: boolean;
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

/** The first points of further attempts: nothing leads to them. */
export function firsts({ x, breaks = [] }: Line): Set<number> {
  return new Set(
    breaks.map((each) => {
      const i = indexAt(x, each.x);
      return i >= 0 && x[i] === each.x ? i : i + 1;
    }),
  );
}

/** How far beyond the last value something that happened is still shown, in lengths of the line. */
const MARK_REACH = 2;

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
  // The end of a run may be later than the last that was measured of it; by another clock far later.
  const far = high + (high - low) * MARK_REACH;
  for (const { x } of model.marks ?? []) if (x > high && x <= far) high = x;
  if (low > high) return model.xLog ? [1, 10] : [0, 1];
  if (low < high) return [low, high];
  return model.xLog ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
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
