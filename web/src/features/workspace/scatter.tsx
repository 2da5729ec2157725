// One dot a run over two fields.
import { useRef } from 'react';
import type { RunView } from '@/data/records';
import { axisOf } from '@/lib/axis';
import { number } from '@/lib/format';
import { BADGES, shownState } from '@/lib/states';
import { useWidth } from '@/ui/size';
import type { Row } from './row';

const H = 210;
const PAD = { left: 52, right: 14, top: 10, bottom: 34 };

export function Scatter({
  rows,
  names,
  onOpen,
  onLit,
}: {
  rows: Row[];
  names: string[];
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const value = (row: Row, i: number) => row.values[i] as number | string;
  const xs = axisOf(
    rows.map((row) => value(row, 0)),
    (n) => number(n, 3),
  );
  const ys = axisOf(
    rows.map((row) => value(row, 1)),
    (n) => number(n, 3),
  );
  const px = (part: number) => PAD.left + part * (width - PAD.left - PAD.right);
  const py = (part: number) => H - PAD.bottom - part * (H - PAD.top - PAD.bottom);
  return (
    <div ref={box} className="chart-box">
      {width > 0 && (
        <svg
          width={width}
          height={H}
          role="img"
          aria-label={`${names[1]} over ${names[0]} for ${rows.length} runs`}
        >
          {ys.ticks.map((tick) => (
            <g key={tick.at}>
              <path d={`M${PAD.left} ${py(tick.at)}H${width - PAD.right}`} stroke="var(--grid)" />
              <text x={PAD.left - 6} y={py(tick.at) + 4} textAnchor="end" className="lane-text">
                {cut(tick.words, 8)}
              </text>
            </g>
          ))}
          {xs.ticks.map((tick) => (
            <text
              key={tick.at}
              x={px(tick.at)}
              y={H - 18}
              textAnchor="middle"
              className="lane-text"
            >
              {cut(tick.words, 10)}
            </text>
          ))}
          <text x={(width + PAD.left) / 2} y={H - 4} textAnchor="middle" className="lane-text">
            {names[0]}
          </text>
          {rows.map((row) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the table lists the same runs for keys
            <circle
              key={row.run.key}
              cx={px(xs.place(value(row, 0)))}
              cy={py(ys.place(value(row, 1)))}
              r="4.500"
              className={`point hue-${BADGES[shownState(row.run.state, '')].hue}`}
              onMouseEnter={() => onLit(row.run.key)}
              onMouseLeave={() => onLit(null)}
              onClick={() => onOpen(row.run)}
            >
              <title>{`${row.run.name}\n${names[0]} ${number(row.values[0])}\n${names[1]} ${number(row.values[1])}\n${row.run.state}`}</title>
            </circle>
          ))}
        </svg>
      )}
    </div>
  );
}

export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
