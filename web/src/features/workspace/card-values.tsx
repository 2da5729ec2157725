// What a chart's lines are at the cursor. Never draws a line.
import { xValue } from '@/draw/axes';
import type { Hover } from '@/draw/chart';
import { type ChartModel, type Line, nearest, xRange } from '@/draw/line';
import { bytes, number } from '@/lib/format';

export function isBytes(key: string): boolean {
  return /bytes(_per_s)?$/.test(key);
}

export function words(key: string, value: number): string {
  if (!isBytes(key) || !Number.isFinite(value)) return number(value);
  return `${bytes(Math.round(value))}${key.endsWith('_per_s') ? '/s' : ''}`;
}

const TIP_ROWS = 8;
const TIP_NOTES = 3;
/** How near the cursor must come to a flag, as a part of the chart's width. */
const NOTE_REACH = 0.015;

export function Tip({
  hover,
  lines,
  model,
  name,
  width,
}: {
  hover: Hover;
  lines: Line[];
  model: ChartModel;
  name: string;
  width: number;
}) {
  const near = lines
    .map((line) => ({ line, i: nearest(line.x, hover.x) }))
    .filter(
      ({ line, i }) =>
        i >= 0 &&
        Number.isFinite(line.y[i]) &&
        hover.x <= line.x[line.x.length - 1] + (line.x[1] - line.x[0] || 0) * 2,
    )
    .sort((a, b) =>
      a.line.id === hover.id ? -1 : b.line.id === hover.id ? 1 : b.line.y[b.i] - a.line.y[a.i],
    );
  const right = hover.left > width / 2;
  const [first] = near;
  const x = first ? first.line.x[first.i] : hover.x;
  const [from, to] = xRange(model);
  const span = to - from;
  return (
    <div
      className="chart-tip"
      style={
        right
          ? { right: width - hover.left + 12, top: hover.top + 10 }
          : { left: hover.left + 12, top: hover.top + 10 }
      }
    >
      <span className="quiet small">{xValue(model.x, x)}</span>
      {near.slice(0, TIP_ROWS).map(({ line, i }) => (
        <span key={line.id} className={`row ${line.id === hover.id ? 'strong' : ''}`}>
          <i className="swatch" style={{ background: `var(${line.token})` }} />
          <span className="cut">{line.label}</span>
          <b className="grow right">{words(name, line.y[i])}</b>
        </span>
      ))}
      {near.length > TIP_ROWS && (
        <span className="quiet small">and {near.length - TIP_ROWS} more</span>
      )}
      {(model.notes ?? [])
        .filter((note) => Math.abs(note.x - hover.x) <= span * NOTE_REACH)
        .slice(0, TIP_NOTES)
        .map((note) => (
          <span key={`${note.id} ${note.x}`} className="cut small">
            “{note.text}”
          </span>
        ))}
      {near[0]?.line.low && near[0].line.id === hover.id && (
        <span className="quiet small">
          here from {words(name, near[0].line.low[near[0].i])} to{' '}
          {words(name, near[0].line.high?.[near[0].i] ?? 0)}
        </span>
      )}
    </div>
  );
}
