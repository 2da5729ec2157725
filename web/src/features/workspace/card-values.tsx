// What a chart's lines are at the cursor, and in all. Never draws a line.
import { xValue } from '@/draw/axes';
import type { Hover } from '@/draw/chart';
import { type ChartModel, type Line, nearest } from '@/draw/line';
import { bytes, number } from '@/lib/format';

export function words(key: string, value: number): string {
  return /bytes$/.test(key) ? bytes(Math.round(value)) : number(value);
}

const TIP_ROWS = 8;

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
  return (
    <div
      className="chart-tip"
      style={
        right
          ? { right: width - hover.left + 12, top: hover.top + 10 }
          : { left: hover.left + 12, top: hover.top + 10 }
      }
    >
      <span className="quiet small">{xValue(model.x, hover.x)}</span>
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
      {near[0]?.line.low && near[0].line.id === hover.id && (
        <span className="quiet small">
          here from {words(name, near[0].line.low[near[0].i])} to{' '}
          {words(name, near[0].line.high?.[near[0].i] ?? 0)}
        </span>
      )}
    </div>
  );
}

export function Legend({
  lines,
  name,
  onLit,
}: {
  lines: Line[];
  name: string;
  onLit: (id: string | null) => void;
}) {
  const last = (line: Line) => line.y.findLast(Number.isFinite) ?? Number.NaN;
  const range = (values: ArrayLike<number>, pick: (...all: number[]) => number) => {
    const fine = Array.from(values).filter(Number.isFinite);
    return fine.length ? fine.reduce((a, b) => pick(a, b)) : Number.NaN;
  };
  return (
    <div className="legend scroll-x" tabIndex={0} role="group" aria-label={`Values of ${name}`}>
      <table className="plain numbers">
        <thead>
          <tr>
            <th>Run</th>
            <th className="right">Last</th>
            <th className="right">Min</th>
            <th className="right">Max</th>
            <th className="right">Points</th>
          </tr>
        </thead>
        <tbody>
          {lines.toReversed().map((line) => (
            <tr key={line.id} onMouseEnter={() => onLit(line.id)} onMouseLeave={() => onLit(null)}>
              <td className="any">
                <i className="swatch" style={{ background: `var(${line.token})` }} /> {line.label}
              </td>
              <td className="right">{words(name, last(line))}</td>
              <td className="right">{words(name, range(line.low ?? line.y, Math.min))}</td>
              <td className="right">{words(name, range(line.high ?? line.y, Math.max))}</td>
              <td className="right quiet">{number(line.points)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
