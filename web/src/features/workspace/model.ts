// From envelopes to lines: smoothing, gaps, marks, groups, sections. Never fetches or draws.
import type { Band, Envelope } from '@/data/frames';
import type { RunView } from '@/data/records';
import { type Break, indexAt, type Line, type XKind } from '@/draw/line';
import { internal } from '@/lib/flat';
import type { Ink } from '@/lib/palette';
import { type Smoothing, smooth } from '@/lib/smoothing';
import { BAD, BADGES, shownState } from '@/lib/states';

export interface Section {
  name: string;
  keys: string[];
  /** Closed until somebody looks into it. */
  folded?: boolean;
}

const LOOSE = 'charts';
const INTERNAL = 'internal';

/** Keys by their first part, in the order in which people read: numbers, all else, internal ones. */
export function sections(
  keys: readonly string[],
  find: string,
  isNumber: (key: string) => boolean = () => true,
): Section[] {
  const wanted = matcher(find);
  const ordered = keys
    .filter(wanted)
    .sort((a, b) => Number(isNumber(b)) - Number(isNumber(a)) || byName(a, b));
  const isFolded = (key: string) => internal(key) && find.trim() === '';
  const folded = ordered.filter(isFolded);
  const shown = ordered.filter((key) => !isFolded(key));
  const sizes = Map.groupBy(shown, sectionOf);
  // A nested key alone needs no heading; one that is written `section/key` asks for it.
  const named = (key: string) =>
    key.includes('/') || (sizes.get(sectionOf(key))?.length ?? 0) > 1 ? sectionOf(key) : LOOSE;
  const found: Section[] = [...Map.groupBy(shown, named)].map(([name, keys]) => ({ name, keys }));
  return folded.length > 0 ? [...found, { name: INTERNAL, keys: folded, folded: true }] : found;
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
  /** What is in view, of a line that reaches beyond it so that smoothing has what comes before. */
  zoom: readonly [number, number] | null;
  /** Where along x further attempts of each run began. */
  breaks?: ReadonlyMap<number, readonly Break[]>;
}

/** One run's envelope as a line: what is not finite leaves the line and becomes a mark. */
export function lineOf(envelope: Envelope, run: RunView, style: LineStyle): Line {
  const { x, last, min, max, nan, inf, count } = envelope;
  const y = Float64Array.from(last, (value, i) =>
    Number.isFinite(value) ? value : finite(max[i], min[i]),
  );
  const odd: number[] = [];
  let [nanCount, infCount] = [0, 0];
  let wide = false;
  for (let i = 0; i < x.length; i += 1) {
    if (nan[i] + inf[i] > 0) odd.push(x[i]);
    nanCount += nan[i];
    infCount += inf[i];
    wide ||= count[i] > 1;
  }
  const ink = style.inks.get(String(run.key)) ?? { hue: 0, dash: [] };
  const smoothed =
    style.smoothing.kind === 'none' ? y : smooth(y, style.smoothing, inRange(x, style.zoom));
  const line: Line = {
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
    nanCount,
    infCount,
    points: envelope.points,
    breaks: style.breaks?.get(run.key),
    end: BAD.has(run.state) ? shownState(run.state, '') : null,
  };
  return trimmed(line, style.zoom);
}

function inRange(x: Float64Array, range: readonly [number, number] | null): number {
  return range ? Math.max(1, indexAt(x, range[1]) - indexAt(x, range[0])) : x.length;
}

/** A bucket whose last value is no number may still hold numbers. */
function finite(high: number, low: number): number {
  return Number.isFinite(high) ? high : Number.isFinite(low) ? low : Number.NaN;
}

/** A group as its mean, or a crowd as its median, with the bands that the server found. */
export function bandLine(band: Band, ink: Ink, smoothing: Smoothing): Line {
  const y = Float64Array.from(band.q50 ?? band.mean);
  const smoothed = smoothing.kind === 'none' ? y : smooth(y, smoothing);
  const all = band.members < band.of ? `${band.members} of ${band.of}` : String(band.of);
  const rest = band.counted < band.total ? `, newest ${band.counted} of ${band.total} runs` : '';
  return {
    id: `group ${band.group}`,
    label: `${band.group === NO_GROUP && band.q50 ? 'no group' : band.group} (${all}${rest})`,
    token: `--series-${ink.hue}`,
    dash: ink.dash,
    x: band.x,
    y: smoothed,
    raw: smoothed === y ? null : y,
    low: Float64Array.from(band.low),
    high: Float64Array.from(band.high),
    odd: new Float64Array(),
    nanCount: band.odd,
    infCount: 0,
    points: band.points,
    end: null,
    members: band.members,
    parts: partsOf(band),
  };
}

/** How the server names those that have no group. */
const NO_GROUP = '–';

function partsOf({ q10, q25, q75, q90 }: Band): Line['parts'] {
  if (!q10 || !q25 || !q75 || !q90) return undefined;
  return [
    { low: Float64Array.from(q10), high: Float64Array.from(q90) },
    { low: Float64Array.from(q25), high: Float64Array.from(q75) },
  ];
}

/** The points of a line in a range, with the last before and the first after it. */
export function trimmed(line: Line, range: readonly [number, number] | null): Line {
  if (!range) return line;
  const from = Math.max(0, indexAt(line.x, range[0]));
  const to = Math.min(line.x.length, indexAt(line.x, range[1]) + 2);
  if (from === 0 && to === line.x.length) return line;
  const cut = (values: Float64Array | null) => values?.subarray(from, to) ?? null;
  const odd = line.odd.filter((x) => x >= range[0] && x <= range[1]);
  return {
    ...line,
    x: line.x.subarray(from, to),
    y: line.y.subarray(from, to),
    raw: cut(line.raw),
    low: cut(line.low),
    high: cut(line.high),
    odd,
  };
}

/** Whether a smaller value of this metric is the better one, by its name. */
export function smallerIsBetter(key: string): boolean {
  return /loss|error|err\b|perplex|ppl|wer|mae|mse|rmse|nll|time|latency/i.test(key);
}

/** The best value that is shown, for the head of a card, and whose it is. */
export function best(
  lines: readonly Line[],
  key: string,
): { word: 'min' | 'max'; value: number; of: string } | null {
  const small = smallerIsBetter(key);
  let found = small ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let holder: Line | null = null;
  for (const line of lines) {
    const values = (small ? line.low : line.high) ?? line.raw ?? line.y;
    for (const value of values) {
      if (!Number.isFinite(value) || (small ? value >= found : value <= found)) continue;
      found = value;
      holder = line;
    }
  }
  if (!holder) return null;
  const ended = holder.end ? `, ${BADGES[holder.end].word.toLowerCase()}` : '';
  return { word: small ? 'min' : 'max', value: found, of: holder.label + ended };
}
