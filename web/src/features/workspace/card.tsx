// One chart: head with flags and value, lines, tooltip, and its ways out. A bad one fails alone.
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { xValue } from '@/draw/axes';
import type { ChartPort, Hover } from '@/draw/chart';
import { csv, svg } from '@/draw/export';
import { type ChartModel, type Line, nearest, type Range } from '@/draw/line';
import { bytes, number, plural } from '@/lib/format';
import type { View } from '@/lib/view';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { ErrorCard } from '@/ui/parts';
import { useWidth } from '@/ui/size';
import { ChartView, type Together } from './chart-view';
import { best, xKind } from './model';
import { type Drawn, useLines } from './use-lines';

export interface CardProps {
  name: string;
  drawn: Drawn;
  view: View;
  system: boolean;
  together: Together;
  lit: string | null;
  limits: { y: number; label: string }[];
  open: boolean;
  onOpen: () => void;
  onZoom: (range: Range | null) => void;
  onLit: (id: string | null) => void;
}

export const ChartCard = memo(function ChartCard(props: CardProps) {
  const { name, drawn, view, system, lit, limits, open, onOpen } = props;
  const box = useRef<HTMLElement>(null);
  const seen = useSeen(box);
  const width = useWidth(box);
  const { lines, loading, stale, error, retry } = useLines(drawn, name, view, system, width, seen);
  const [hover, setHover] = useState<Hover | null>(null);
  const port = useRef<ChartPort | null>(null);
  const model = useMemo<ChartModel>(
    () => ({
      lines,
      x: xKind(view.x),
      xLog: view.xLog,
      yLog: view.yLog,
      band: view.band,
      zoom: view.zoom,
      limits,
    }),
    [lines, view.x, view.xLog, view.yLog, view.band, view.zoom, limits],
  );
  const odd = lines.reduce((sum, line) => sum + line.oddCount, 0);
  const top = useMemo(() => best(lines, name), [lines, name]);
  const missing = drawn.runs.length > 0 && !loading && lines.length === 0;
  const hovered = hover?.id ? lines.find((line) => line.id === hover.id) : null;
  const hoverAt = (next: Hover | null) => {
    setHover(next);
    props.onLit(next?.id ?? null);
  };
  const label = `${name}: ${plural(lines.length, 'line')}${top ? `, ${top.word} ${words(name, top.value)}` : ''}${odd ? `, ${odd} values are not finite` : ''}`;
  return (
    <article
      ref={box}
      className={`chart-card ${open ? 'open' : ''}`}
      aria-label={name}
      data-key={name}
    >
      <header>
        <h3 className="cut" title={name}>
          {name}
        </h3>
        {odd > 0 && (
          <span className="nan-flag" title="Values that are NaN or infinite; red ticks say where">
            {odd} NaN
          </span>
        )}
        <span className="grow" />
        <span className="quiet small chart-value">
          {hovered && hover
            ? words(name, valueNear(hovered, hover.x))
            : top
              ? `${top.word} ${words(name, top.value)}`
              : ''}
        </span>
        <span className="chart-tools">
          <Exports name={name} model={model} port={port} x={view.x} />
          <button
            type="button"
            className="button plain icon"
            aria-label={open ? `Shrink ${name}` : `Expand ${name}`}
            aria-pressed={open}
            onClick={onOpen}
          >
            <Icon name="expand" size={13} />
          </button>
        </span>
      </header>
      <div className={`chart-space ${stale ? 'stale' : ''}`}>
        {error ? <ErrorCard error={error} retry={retry} /> : null}
        {missing && !error && (
          <p className="quiet small chart-none">
            No shown run has this key{view.zoom ? ' here' : ''}.
          </p>
        )}
        {drawn.runs.length === 0 && <p className="quiet small chart-none">No run is drawn.</p>}
        {seen && lines.length > 0 && (
          <ChartView
            model={model}
            lit={lit}
            together={props.together}
            onZoom={props.onZoom}
            onHover={hoverAt}
            port={port}
            label={label}
          />
        )}
        {loading && drawn.runs.length > 0 && <span className="skeleton chart-loading" />}
        {hover && lines.length > 0 && (
          <Tip hover={hover} lines={lines} model={model} name={name} width={width} />
        )}
      </div>
      {open && lines.length > 0 && <Legend lines={lines} name={name} onLit={props.onLit} />}
    </article>
  );
});

/** Mounted when near the screen, and kept from then on until far away. */
function useSeen(box: React.RefObject<HTMLElement | null>): boolean {
  const [seen, see] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => see(entry.isIntersecting), {
      rootMargin: '300px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return seen;
}

function words(key: string, value: number): string {
  return /bytes$/.test(key) ? bytes(Math.round(value)) : number(value);
}

function valueNear(line: Line, x: number): number {
  const i = nearest(line.x, x);
  return i < 0 ? Number.NaN : line.y[i];
}

const TIP_ROWS = 8;

function Tip({
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

function Legend({
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

function save(name: string, type: string, content: Blob | string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(
    typeof content === 'string' ? new Blob([content], { type }) : content,
  );
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function Exports({
  name,
  model,
  port,
  x,
}: {
  name: string;
  model: ChartModel;
  port: { current: ChartPort | null };
  x: string;
}) {
  const file = name.replace(/[^\w.-]+/g, '_');
  return (
    <Menu
      label={<Icon name="download" size={13} />}
      className="button plain icon"
      title={`Export ${name}`}
    >
      {(close) => (
        <>
          <button
            type="button"
            onClick={() => {
              close();
              void port.current
                ?.png(name)
                .then((blob) => blob && save(`${file}.png`, 'image/png', blob));
            }}
          >
            PNG
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              save(`${file}.svg`, 'image/svg+xml', svg(name, model));
            }}
          >
            SVG
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              save(`${file}.csv`, 'text/csv', csv(x, name, model));
            }}
          >
            CSV
          </button>
        </>
      )}
    </Menu>
  );
}
