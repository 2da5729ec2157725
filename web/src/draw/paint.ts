// Lines, bands, marks and glyphs on a canvas. Never knows the engine: it is given two scales.
import { OUTLINES, SHAPES } from '@/lib/shapes';
import { BADGES, type Shown } from '@/lib/states';
import { ink } from './ink';
import { endOf, firsts, indexAt, type Line, type Mark, type Note, type Range } from './line';

export interface Stage {
  c: CanvasRenderingContext2D;
  px: (x: number) => number;
  py: (y: number) => number;
  left: number;
  top: number;
  width: number;
  height: number;
  dpr: number;
  x: Range;
}

const BAND_ALPHA = 0.26;
const CROWD_ALPHA = 0.12;
const RAW_ALPHA = 0.3;
const FAINT_ALPHA = 0.45;
const DIM_ALPHA = 0.14;
const MARKS_MAX = 2_000;

/** The part of a line that is in view, with one neighbour on each side. */
function visible(line: Line, stage: Stage): [number, number] {
  return [
    Math.max(0, indexAt(line.x, stage.x[0])),
    Math.min(line.x.length, indexAt(line.x, stage.x[1]) + 2),
  ];
}

type Reach = { low: Float64Array; high: Float64Array };

/** From low to high of each bucket, as steps as wide as the bucket: no spike gets thin. */
export function band(stage: Stage, line: Line, { low, high }: Reach, alpha: number): void {
  const { c, px, py, dpr } = stage;
  const [from, to] = visible(line, stage);
  c.globalAlpha = alpha;
  c.fillStyle = ink(line.token);
  c.beginPath();
  const first = firsts(line);
  for (let i = from; i < to; i += 1) {
    if (!(high[i] > low[i])) continue;
    const left = px(line.x[i]);
    const alone = i + 1 >= line.x.length || first.has(i + 1);
    const right = alone ? left + dpr : px(line.x[i + 1]);
    const top = py(high[i]);
    c.rect(left, top, Math.max(dpr, right - left), Math.max(dpr, py(low[i]) - top));
  }
  c.fill();
  c.globalAlpha = 1;
}

export function stroke(
  stage: Stage,
  line: Line,
  y: Float64Array,
  how: { alpha: number; width: number },
): void {
  const { c, px, py, dpr } = stage;
  const [from, to] = visible(line, stage);
  c.globalAlpha = how.alpha;
  c.strokeStyle = ink(line.token);
  c.lineWidth = how.width * dpr;
  c.lineJoin = 'round';
  c.setLineDash(line.dash.map((each) => each * dpr));
  c.beginPath();
  let pen = false;
  const first = firsts(line);
  for (let i = from; i < to; i += 1) {
    if (!Number.isFinite(y[i])) {
      pen = false;
      continue;
    }
    if (first.has(i)) pen = false;
    const at = px(line.x[i]);
    const height = py(y[i]);
    if (pen) c.lineTo(at, height);
    else c.moveTo(at, height);
    const isLast = !Number.isFinite(y[i + 1] ?? Number.NaN) || first.has(i + 1);
    if (!pen && isLast) dot(c, at, height, dpr);
    pen = true;
  }
  c.stroke();
  c.setLineDash([]);
  c.globalAlpha = 1;
}

/** A point without neighbours has no line; it is shown as a dot. */
function dot(c: CanvasRenderingContext2D, x: number, y: number, dpr: number): void {
  c.moveTo(x + 1.5 * dpr, y);
  c.arc(x, y, 1.5 * dpr, 0, 7);
  c.moveTo(x, y);
}

export function draw(
  stage: Stage,
  line: Line,
  withBand: boolean,
  dim: boolean,
  strong: boolean,
): void {
  if (line.low && line.high && (withBand || line.parts)) {
    const alpha = line.parts ? CROWD_ALPHA : BAND_ALPHA;
    band(stage, line, { low: line.low, high: line.high }, dim ? DIM_ALPHA / 2 : alpha);
  }
  // The middle lies in all of them and is the darkest.
  for (const part of line.parts ?? [])
    band(stage, line, part, dim ? DIM_ALPHA / 3 : CROWD_ALPHA * 1.6);
  if (line.raw) stroke(stage, line, line.raw, { alpha: dim ? DIM_ALPHA / 2 : RAW_ALPHA, width: 1 });
  const alpha = dim ? DIM_ALPHA : line.faint && !strong ? FAINT_ALPHA : 1;
  stroke(stage, line, line.y, { alpha, width: strong ? 2.2 : line.faint ? 1 : 1.4 });
}

/** Red ticks on the axis where values were NaN or infinite: they never touch the scale. */
export function odd(stage: Stage, line: Line): void {
  const { c, px, dpr, top, height } = stage;
  c.fillStyle = ink('--state-failed');
  for (let i = 0; i < Math.min(line.odd.length, MARKS_MAX); i += 1) {
    if (line.odd[i] < stage.x[0] || line.odd[i] > stage.x[1]) continue;
    c.fillRect(px(line.odd[i]) - dpr, top + height - 7 * dpr, 2 * dpr, 7 * dpr);
  }
}

/** Where words were said: flags at the top, in the colour of their run. */
export function note(stage: Stage, { x }: Note, token: string): void {
  const { c, px, dpr, top } = stage;
  if (x < stage.x[0] || x > stage.x[1]) return;
  const at = px(x);
  c.fillStyle = ink(token);
  c.fillRect(at - dpr / 2, top, dpr, 12 * dpr);
  c.beginPath();
  c.moveTo(at, top);
  c.lineTo(at + 7 * dpr, top + 3 * dpr);
  c.lineTo(at, top + 6 * dpr);
  c.fill();
}

/** The state's glyph where a run ended badly. */
export function end(stage: Stage, line: Line): void {
  const place = line.end && endOf(line);
  if (!place || !line.end || place.x < stage.x[0] || place.x > stage.x[1]) return;
  // Of a line that left the chart it stands where it left.
  const y = Math.min(stage.top + stage.height, Math.max(stage.top, stage.py(place.y)));
  glyph(stage.c, line.end, stage.px(place.x), y, 11 * stage.dpr);
}

export function glyph(
  c: CanvasRenderingContext2D,
  state: Shown,
  x: number,
  y: number,
  size: number,
): void {
  const color = ink(`--state-${BADGES[state].hue}`);
  const paper = ink('--surface');
  c.save();
  c.translate(x - size / 2, y - size / 2);
  c.scale(size / 14, size / 14);
  c.strokeStyle = paper;
  c.lineWidth = 3;
  const parts = SHAPES[state] ?? OUTLINES[state];
  c.stroke(new Path2D(parts[0].d));
  for (const part of parts as { d: string; fill: string; stroke?: string; width?: number }[]) {
    const path = new Path2D(part.d);
    if (part.fill !== 'none') {
      c.fillStyle = part.fill === 'ink' ? color : paper;
      c.fill(path);
    }
    if (part.stroke) {
      c.strokeStyle = part.stroke === 'ink' ? color : paper;
      c.lineWidth = part.width ?? 1;
      c.stroke(path);
    }
  }
  c.restore();
}

/** Where further attempts began: short ticks at the foot, in the colour of their run. */
export function starts(stage: Stage, { breaks = [], token }: Line): void {
  const { c, px, dpr, top, height } = stage;
  c.fillStyle = ink(token);
  for (const { start } of breaks) {
    if (start >= stage.x[0] && start <= stage.x[1])
      c.fillRect(px(start) - dpr / 2, top + height - 10 * dpr, dpr, 10 * dpr);
  }
}

/** A thin line over the whole height, with its name at the foot: limits have theirs at the top. */
export function mark(stage: Stage, { x, label, token }: Mark): void {
  const { c, px, left, top, width, height, dpr } = stage;
  if (x < stage.x[0] || x > stage.x[1]) return;
  const at = px(x);
  c.strokeStyle = ink(token);
  c.lineWidth = dpr;
  c.setLineDash([2 * dpr, 2 * dpr]);
  c.beginPath();
  c.moveTo(at, top);
  c.lineTo(at, top + height);
  c.stroke();
  c.setLineDash([]);
  c.fillStyle = ink(token);
  c.font = `${11 * dpr}px ${ink('--sans')}`;
  const ends = at > left + width / 2;
  c.textAlign = ends ? 'right' : 'left';
  c.fillText(label, at + (ends ? -4 : 4) * dpr, top + height - 10 * dpr);
}

/** A dashed reference line with its name. */
export function limit(stage: Stage, y: number, label: string): void {
  const { c, py, left, top, width, dpr } = stage;
  const at = py(y);
  const below = at - 14 * dpr < top;
  c.strokeStyle = ink('--ink-3');
  c.lineWidth = dpr;
  c.setLineDash([4 * dpr, 3 * dpr]);
  c.beginPath();
  c.moveTo(left, at);
  c.lineTo(left + width, at);
  c.stroke();
  c.setLineDash([]);
  c.fillStyle = ink('--ink-3');
  c.font = `${11 * dpr}px ${ink('--sans')}`;
  c.textAlign = 'right';
  c.fillText(label, left + width - 4 * dpr, at + (below ? 12 : -4) * dpr);
}
