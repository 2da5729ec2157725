// One line a run over many fields; a range dragged on an axis keeps only what passes through it.
import { useRef, useState } from 'react';
import type { RunView } from '@/data/records';
import { axisOf } from '@/lib/axis';
import { number } from '@/lib/format';
import { useWidth } from '@/ui/size';
import type { Row } from './row';
import { cut } from './scatter';

const H = 300;
const PAD = { left: 56, right: 56, top: 30, bottom: 12 };

export function Coordinates({
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
  const [brushes, setBrushes] = useState<Record<number, [number, number]>>({});
  const [lit, light] = useState<number | null>(null);
  const drag = useRef<{ axis: number; from: number } | null>(null);
  const axes = names.map((_, i) =>
    axisOf(
      rows.map((row) => row.values[i] as number | string),
      (n) => number(n, 3),
    ),
  );
  const px = (i: number) =>
    PAD.left + (i / Math.max(1, names.length - 1)) * (width - PAD.left - PAD.right);
  const py = (part: number) => H - PAD.bottom - part * (H - PAD.top - PAD.bottom);
  const part = (event: React.PointerEvent) => {
    const top =
      (event.currentTarget as SVGElement).ownerSVGElement?.getBoundingClientRect().top ?? 0;
    return Math.min(
      1,
      Math.max(0, (H - PAD.bottom - (event.clientY - top)) / (H - PAD.top - PAD.bottom)),
    );
  };
  const passes = (row: Row) =>
    Object.entries(brushes).every(([i, [from, to]]) => {
      const at = axes[Number(i)].place(row.values[Number(i)] as number | string);
      return at >= from - 0.005 && at <= to + 0.005;
    });
  const kept = rows.filter(passes);
  const hover = (run: RunView | null) => {
    light(run?.key ?? null);
    onLit(run?.key ?? null);
  };
  const move = (axis: number, event: React.PointerEvent) => {
    if (drag.current?.axis !== axis) return;
    const now = part(event);
    setBrushes((all) => ({
      ...all,
      [axis]: [Math.min(drag.current?.from ?? now, now), Math.max(drag.current?.from ?? now, now)],
    }));
  };
  const drop = (axis: number) => {
    drag.current = null;
    setBrushes((all) => {
      const [from, to] = all[axis] ?? [0, 0];
      if (to - from > 0.02) return all;
      const { [axis]: _, ...rest } = all;
      return rest;
    });
  };
  const last = names.length - 1;
  const path = (row: Row) =>
    row.values
      .map((value, i) => `${i ? 'L' : 'M'}${px(i)} ${py(axes[i].place(value as number | string))}`)
      .join('');
  const keptKeys = new Set(kept.map((row) => row.run.key));
  return (
    <div ref={box} className="coordinates">
      {width > 0 && (
        <svg
          width={width}
          height={H}
          role="img"
          aria-label={`${rows.length} runs over ${names.join(', ')}`}
        >
          {rows.map((row) => {
            const strength = axes[last].place(row.values[last] as number | string);
            const on = keptKeys.has(row.run.key);
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the table lists the same runs for keys
              <path
                key={row.run.key}
                d={path(row)}
                fill="none"
                stroke={
                  lit === row.run.key
                    ? 'var(--ink)'
                    : `color-mix(in oklab, var(--series-5) ${Math.round(strength * 100)}%, var(--series-0))`
                }
                strokeWidth={lit === row.run.key ? 2.4 : 1.2}
                opacity={on ? (lit === null || lit === row.run.key ? 0.8 : 0.35) : 0.06}
                onMouseEnter={() => on && hover(row.run)}
                onMouseLeave={() => hover(null)}
                onClick={() => onOpen(row.run)}
                style={{ cursor: 'pointer' }}
              >
                <title>{`${row.run.name}: ${row.values.map((value, i) => `${names[i]} ${number(value)}`).join(', ')}`}</title>
              </path>
            );
          })}
          {axes.map((axis, i) => (
            <g key={names[i]}>
              <path d={`M${px(i)} ${PAD.top}V${H - PAD.bottom}`} stroke="var(--line-2)" />
              <text
                x={px(i)}
                y={14}
                textAnchor={i === 0 ? 'start' : i === last ? 'end' : 'middle'}
                className="lane-text strong"
              >
                {cut(names[i], 22)}
              </text>
              {axis.ticks.map((tick) => (
                <text
                  key={tick.at}
                  x={px(i) + (i === last ? 6 : -6)}
                  y={py(tick.at) + 4}
                  textAnchor={i === last ? 'start' : 'end'}
                  className="lane-text halo"
                >
                  {cut(tick.words, 9)}
                </text>
              ))}
              {brushes[i] && (
                <rect
                  x={px(i) - 5}
                  width="10"
                  y={py(brushes[i][1])}
                  height={Math.max(2, py(brushes[i][0]) - py(brushes[i][1]))}
                  fill="var(--ink)"
                  opacity="0.2"
                />
              )}
              <rect
                x={px(i) - 12}
                y={PAD.top}
                width="24"
                height={H - PAD.top - PAD.bottom}
                fill="transparent"
                style={{ cursor: 'ns-resize', touchAction: 'none' }}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  drag.current = { axis: i, from: part(event) };
                }}
                onPointerMove={(event) => move(i, event)}
                onPointerUp={() => drop(i)}
              />
            </g>
          ))}
        </svg>
      )}
      {Object.keys(brushes).length > 0 && (
        <p className="small row">
          <span className="quiet">
            {kept.length} of {rows.length} runs pass
          </span>
          <button type="button" className="button" onClick={() => setBrushes({})}>
            All
          </button>
        </p>
      )}
    </div>
  );
}
