// How much of y a chart shows, and what it leaves outside. Never changes a value.
import { away } from './away';
import { type ChartModel, indexAt, type Line, type Range } from './line';

/** The y range of what is visible in an x range, spikes included. */
export function yRange(model: ChartModel, [from, to]: Range): Range {
  if (model.y && !(model.yLog && model.y[0] <= 0)) return model.y;
  if (model.clip) return clipped(model, [from, to]);
  if (model.whole || model.yLog) return spanned(model, [from, to]);
  const gone = away(model.lines, [from, to]);
  const near = gone.size > 0 ? model.lines.filter((line) => !gone.has(line)) : model.lines;
  const whole = spanned({ ...model, lines: near }, [from, to]);
  const middle = middling(near, [from, to]);
  if (!middle || whole[1] - whole[0] < (middle[1] - middle[0]) * FAR) return whole;
  // One run that diverged to 1e290 would leave a flat line of all that people came to see.
  return [Math.max(whole[0], middle[0]), Math.min(whole[1], middle[1])];
}

/** With room for a limit that is not far above. */
export function yView(model: ChartModel, x: Range): Range {
  const [low, high] = yRange(model, x);
  const most = Math.max(...model.limits.map((each) => each.y));
  return most > high && most < high * LIMIT_TIMES ? [low, most * 1.04] : [low, high];
}

/** Lines that reach so far out that they are left outside without being asked. */
export function outside(model: ChartModel, x: Range): Line[] {
  if (model.y || model.clip || model.whole || model.yLog) return [];
  const [low, high] = yRange(model, x);
  return model.lines.filter((line) => leaves(line, [low, high], x, model.band));
}

/** Whether anything of the line that is in view lies beyond the range. */
function leaves(line: Line, [least, most]: Range, [from, to]: Range, band: boolean): boolean {
  const { x, y } = line;
  const [low, high] = band ? [line.low ?? y, line.high ?? y] : [y, y];
  return x.some((at, i) => at >= from && at <= to && (low[i] < least || high[i] > most));
}

const LIMIT_TIMES = 3;

const FAR = 1e12;
const SAMPLED = 2_000;
const REACH = 3;

/** Three times as far as the middle half of the visible values reaches; null without any spread. */
function middling(lines: readonly Line[], [from, to]: Range): Range | null {
  const values: number[] = [];
  const every = Math.max(1, Math.ceil(lines.reduce((n, { x }) => n + x.length, 0) / SAMPLED));
  for (const line of lines) {
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
