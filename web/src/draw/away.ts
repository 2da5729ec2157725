// Which lines leave all others behind, so that these would be flat. Never draws, never drops a line.
import { indexAt, type Line, type Range } from './line';

/** How many times farther out than all others: those would be an eighth of the height. */
const AWAY = 8;
/** So far out that where it began does not matter. */
const FAR_AWAY = 1_000;
const LAST = 3;

interface Span {
  line: Line;
  values: number[];
  low: number;
  high: number;
  reach: number;
}

const middleOf = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

function visible({ x, y }: Line, [from, to]: Range): number[] {
  const found: number[] = [];
  for (let i = Math.max(0, indexAt(x, from)); i < x.length && x[i] <= to; i += 1)
    if (Number.isFinite(y[i])) found.push(y[i]);
  return found;
}

/** Runs that diverged, beside others that did not: at least half of all stay in view. */
export function away(lines: readonly Line[], view: Range): Set<Line> {
  const none = new Set<Line>();
  if (lines.length < 2) return none;
  const spans = lines.flatMap((line): Span[] => {
    const values = visible(line, view);
    if (values.length === 0) return [];
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    return [{ line, values, low, high, reach: 0 }];
  });
  if (spans.length < 2) return none;
  const middle = middleOf(spans.map((each) => middleOf(each.values)));
  for (const each of spans) each.reach = Math.max(each.high - middle, middle - each.low);
  spans.sort((a, b) => a.reach - b.reach);
  for (let kept = Math.ceil(spans.length / 2); kept < spans.length; kept += 1) {
    const near = spans[kept - 1].reach;
    // Where nothing varies there is nothing to be lost sight of.
    if (near === 0 || spans[kept].reach < near * AWAY) continue;
    const low = middle - near;
    const high = middle + near;
    const gone = spans.slice(kept).filter((each) => left(each, low, high, near));
    return new Set(gone.map((each) => each.line));
  }
  return none;
}

/** It ends out there, and began near, ended badly, or was never anywhere near: no spike, no decay. */
function left({ line, values, reach }: Span, low: number, high: number, near: number): boolean {
  const isOut = (value: number) => value < low || value > high;
  if (!values.slice(-LAST).every(isOut)) return false;
  return !values.every(isOut) || line.end !== null || reach >= near * FAR_AWAY;
}
