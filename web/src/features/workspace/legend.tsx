// What an open chart's lines are in all: last, smallest, largest. Never draws one.
import type { Line } from '@/draw/line';
import { number } from '@/lib/format';
import { words } from './card-values';

export default function Legend({
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
