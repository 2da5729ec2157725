// Parallel axes with their names, ranges dragged on them, and the line under the pointer. Draws none.
import { useCallback, useEffect, useRef, useState } from 'react';
import '@/styles/coordinates.css';
import type { Axis } from '@/lib/axis';
import { type AxesLine, type Brushes, nearestLine, passes } from '@/lib/lines';
import { watchTheme } from './theme';

interface Model {
  lines: readonly AxesLine[];
  names: readonly string[];
  brushes: Brushes;
  apart: readonly boolean[];
  best: number | null;
}

/** What draws the lines into an element. */
export interface Painter {
  update(model: Model, rough?: boolean): void;
  light(id: number | null): void;
  redraw(): void;
  destroy(): void;
}

export interface CoordinatesProps {
  names: readonly string[];
  /** What stands above an axis, where its name is too long. */
  labels?: readonly string[];
  axes: readonly Axis[];
  lines: readonly AxesLine[];
  best?: number | null;
  brushes: Brushes;
  onBrush: (brushes: Brushes) => void;
  onOpen: (id: number) => void;
  onLit?: (id: number | null) => void;
  /** What is told of a line under the pointer: a head and rows. */
  tell: (id: number) => { head: string; rows: [string, string][] };
  painter: (element: HTMLElement, model: Model) => Painter;
  label: string;
}

const REACH = 0.05;
const DRAG_MIN = 0.02;
const STEP = 0.05;
const LABELS_PX = 13;

export function Coordinates(props: CoordinatesProps) {
  const { names, axes, lines, best = null, brushes, onBrush, painter, label } = props;
  const labels = props.labels ?? names;
  const box = useRef<HTMLDivElement>(null);
  const port = useRef<Painter | null>(null);
  const [dragged, setDragged] = useState<Brushes | null>(null);
  const [tip, setTip] = useState<{ id: number; left: number; top: number } | null>(null);
  const shown = dragged ?? brushes;
  const model: Model = {
    lines,
    names,
    brushes: shown,
    apart: axes.map((axis) => !axis.numeric),
    best,
  };
  const newest = useRef(model);
  newest.current = model;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once, updated below
  useEffect(() => {
    if (!box.current) return;
    const made = painter(box.current, newest.current);
    port.current = made;
    const unwatch = watchTheme(() => requestAnimationFrame(() => made.redraw()));
    return () => {
      unwatch();
      made.destroy();
    };
  }, []);
  const rough = dragged !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the painter draws
  useEffect(() => port.current?.update(newest.current, rough), [lines, names, shown, rough, best]);
  const point = (event: React.PointerEvent | React.MouseEvent) => {
    const at = box.current?.getBoundingClientRect();
    if (!at) return null;
    const [left, top] = [event.clientX - at.left, event.clientY - at.top];
    const seen = lines.filter((line) => passes(line, names, shown));
    const found = nearestLine(seen, names.length, left / at.width, 1 - top / at.height, REACH);
    return found && { id: found.id, left, top };
  };
  const light = (next: typeof tip) => {
    setTip(next);
    port.current?.light(next?.id ?? null);
    props.onLit?.(next?.id ?? null);
  };
  const change = useCallback(
    (name: string, range: [number, number] | null) => {
      const { [name]: _, ...others } = brushes;
      onBrush(range ? { ...others, [name]: range } : others);
    },
    [brushes, onBrush],
  );
  const told = tip && props.tell(tip.id);
  const width = box.current?.clientWidth ?? 0;
  return (
    <div className="coords" role="group" aria-label={label}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the table lists the same for keys */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table lists the same for keys */}
      <div
        ref={box}
        className="coords-lines"
        onPointerMove={(event) => !dragged && light(point(event))}
        onPointerLeave={() => light(null)}
        onClick={(event) => {
          const found = point(event);
          if (found) props.onOpen(found.id);
        }}
        style={{ cursor: tip ? 'pointer' : undefined }}
      />
      {axes.map((axis, i) => (
        <AxisLine
          key={names[i]}
          axis={axis}
          name={names[i]}
          words={labels[i] ?? names[i]}
          left={names.length < 2 ? 50 : (i / (names.length - 1)) * 100}
          last={i > 0 && i === names.length - 1}
          range={shown[names[i]] ?? null}
          onDrag={(range) => setDragged({ ...brushes, [names[i]]: range })}
          onDrop={(range) => {
            setDragged(null);
            change(names[i], range);
          }}
        />
      ))}
      {tip && told && (
        <div
          className="chart-tip"
          style={
            tip.left > width / 2
              ? { right: width - tip.left + 14, top: tip.top }
              : { left: tip.left + 14, top: tip.top }
          }
        >
          <b className="cut">{told.head}</b>
          {told.rows.map(([name, value]) => (
            <span key={name} className="row">
              <span className="quiet cut grow">{name}</span>
              <span className="cut">{value}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function AxisLine({
  axis,
  name,
  words: head,
  left,
  last,
  range,
  onDrag,
  onDrop,
}: {
  axis: Axis;
  name: string;
  words: string;
  left: number;
  last: boolean;
  range: [number, number] | null;
  onDrag: (range: [number, number]) => void;
  onDrop: (range: [number, number] | null) => void;
}) {
  const from = useRef<number | null>(null);
  const part = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (box.bottom - event.clientY) / box.height));
  };
  const between = (event: React.PointerEvent): [number, number] => {
    const [a, b] = [from.current ?? 0, part(event)];
    return [Math.min(a, b), Math.max(a, b)];
  };
  const words = range ? `${wordsAt(axis, range[0])} to ${wordsAt(axis, range[1])}` : 'everything';
  const keys = (event: React.KeyboardEvent) => {
    const [low, high] = range ?? [0, 1];
    const up = event.key === 'ArrowUp' ? STEP : event.key === 'ArrowDown' ? -STEP : 0;
    if (event.key === 'Escape' || event.key === 'Delete') onDrop(null);
    else if (up && event.shiftKey) onDrop(clamped(low, high + up));
    else if (up) onDrop(range ? clamped(low + up, high + up) : up > 0 ? [STEP, 1] : [0, 1 - STEP]);
    else return;
    event.preventDefault();
  };
  const ends = axis.numeric;
  const ticks = ends ? axis.ticks.filter((_, i, all) => i > 0 && i < all.length - 1) : axis.ticks;
  return (
    <div className={`coords-axis ${last ? 'last' : ''}`} style={{ left: `${left}%` }}>
      <span className="coords-name cut" title={name}>
        {head}
      </span>
      {ends && <span className="coords-end at-top">{axis.ticks.at(-1)?.words}</span>}
      {ends && axis.ticks.length > 1 && (
        <span className="coords-end at-bottom">{axis.ticks[0].words}</span>
      )}
      {(axis.numeric ? [] : ticks).map((tick) => (
        <span
          key={tick.at}
          className="coords-tick cut"
          style={{ bottom: `calc(${tick.at * 100}% - ${LABELS_PX / 2}px)` }}
          title={tick.words}
        >
          {tick.words}
        </span>
      ))}
      <div
        className="coords-brush"
        role="slider"
        tabIndex={0}
        aria-label={`Range of ${name}`}
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((range?.[1] ?? 1) * 100)}
        aria-valuetext={words}
        title={`Drag to select a range of ${name}; arrow keys move it, Shift with them sizes it`}
        onKeyDown={keys}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = part(event);
        }}
        onPointerMove={(event) => from.current !== null && onDrag(between(event))}
        onPointerUp={(event) => {
          if (from.current === null) return;
          const [low, high] = between(event);
          from.current = null;
          onDrop(high - low >= DRAG_MIN ? [low, high] : null);
        }}
      >
        {range && (
          <span
            className="coords-range"
            style={{ bottom: `${range[0] * 100}%`, height: `${(range[1] - range[0]) * 100}%` }}
          />
        )}
      </div>
    </div>
  );
}

function clamped(low: number, high: number): [number, number] | null {
  const [from, to] = [Math.max(0, low), Math.min(1, high)];
  if (to - from < DRAG_MIN) return null;
  return from === 0 && to === 1 ? null : [from, to];
}

/** The tick nearest to a place, for those who do not see it. */
function wordsAt(axis: Axis, part: number): string {
  let found = axis.ticks[0]?.words ?? '';
  let least = Number.POSITIVE_INFINITY;
  for (const tick of axis.ticks) {
    if (Math.abs(tick.at - part) < least) {
      least = Math.abs(tick.at - part);
      found = tick.words;
    }
  }
  return found;
}
