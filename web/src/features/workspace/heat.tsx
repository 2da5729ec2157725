// Histograms over time: a column for each step, darker where more values lie.
import { useEffect, useMemo, useRef } from 'react';
import { ink } from '@/draw/ink';
import { number } from '@/lib/format';
import { useWidth } from '@/ui/size';
import { watchTheme } from '@/ui/theme';
import type { Logged } from './logged';
import { type Histogram, heat, histogram } from './objects';

const BINS = 48;
const H = 96;

export default function Heat({
  rows,
  step,
  onStep,
}: {
  rows: readonly Logged[];
  step: number;
  onStep: (step: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const all = useMemo(
    () =>
      rows
        .map((row) => ({ step: row.step, found: histogram(row.value) }))
        .filter((each): each is { step: number; found: Histogram } => each.found !== null),
    [rows],
  );
  const found = useMemo(() => heat(all, BINS), [all]);
  useEffect(() => {
    const draw = () => canvas.current && width > 0 && paint(canvas.current, width, found.cells);
    draw();
    return watchTheme(() => requestAnimationFrame(draw));
  }, [width, found]);
  if (all.length < 2) return null;
  const place = all.findLastIndex((each) => each.step <= step);
  return (
    <div className="heat">
      <div ref={box} className="heat-track">
        <canvas
          ref={canvas}
          height={H}
          role="img"
          aria-label={`${all.length} histograms from ${number(found.low)} to ${number(found.high)}`}
          onClick={(event) => {
            const from = event.currentTarget.getBoundingClientRect();
            const i = Math.floor(((event.clientX - from.left) / from.width) * all.length);
            onStep(all[Math.min(all.length - 1, Math.max(0, i))].step);
          }}
        />
        {place >= 0 && (
          <i className="heat-step" style={{ left: `${((place + 0.5) / all.length) * 100}%` }} />
        )}
      </div>
      <span className="heat-range small quiet">
        <span>{number(found.high)}</span>
        <span>{number(found.low)}</span>
      </span>
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, width: number, cells: readonly Float64Array[]): void {
  const dpr = devicePixelRatio;
  canvas.width = width * dpr;
  canvas.height = H * dpr;
  const c = canvas.getContext('2d');
  if (!c) return;
  c.clearRect(0, 0, canvas.width, canvas.height);
  c.fillStyle = ink('--series-0');
  const most = cells.reduce((top, own) => own.reduce((a, b) => Math.max(a, b), top), 0) || 1;
  const across = canvas.width / cells.length;
  const down = canvas.height / BINS;
  cells.forEach((own, i) => {
    own.forEach((part, bin) => {
      if (part === 0) return;
      c.globalAlpha = 0.08 + 0.92 * Math.sqrt(part / most);
      const top = canvas.height - (bin + 1) * down;
      c.fillRect(Math.floor(i * across), Math.floor(top), Math.ceil(across), Math.ceil(down));
    });
  });
}
