// Dots over two axes that may hold numbers or words. Never knows what a dot stands for.
import { useRef } from 'react';
import { axisOf } from '@/lib/axis';
import { number } from '@/lib/format';
import { useWidth } from '@/ui/size';

const H = 210;
const PAD = { left: 52, right: 14, top: 10, bottom: 34 };

export interface Dot {
  key: string | number;
  x: number | string;
  y: number | string;
  look: string;
  title: string;
  onOpen?: () => void;
  onEnter?: () => void;
  onLeave?: () => void;
}

export function Dots({
  dots,
  names: [nameX, nameY],
  label,
  height = H,
}: {
  dots: readonly Dot[];
  names: readonly [string, string];
  label: string;
  height?: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const xs = axisOf(
    dots.map(({ x }) => x),
    (n) => number(n, 3),
  );
  const ys = axisOf(
    dots.map(({ y }) => y),
    (n) => number(n, 3),
  );
  const px = (part: number) => PAD.left + part * (width - PAD.left - PAD.right);
  const py = (part: number) => height - PAD.bottom - part * (height - PAD.top - PAD.bottom);
  return (
    <div ref={box} className="chart-box" style={{ height }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          <title>{nameY}</title>
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
              y={height - 18}
              textAnchor={tick.at > 0.95 ? 'end' : 'middle'}
              className="lane-text"
            >
              {cut(tick.words, 10)}
            </text>
          ))}
          <text x={(width + PAD.left) / 2} y={height - 4} textAnchor="middle" className="lane-text">
            {nameX}
          </text>
          {dots.map(({ key, x, y, look, title, onOpen, onEnter, onLeave }) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the table lists the same for keys
            <circle
              key={key}
              cx={px(xs.place(x))}
              cy={py(ys.place(y))}
              r="4.500"
              className={`point ${look}`}
              onMouseEnter={onEnter}
              onMouseLeave={onLeave}
              onClick={onOpen}
            >
              <title>{title}</title>
            </circle>
          ))}
        </svg>
      )}
    </div>
  );
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
