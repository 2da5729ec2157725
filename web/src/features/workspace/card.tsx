// One chart: head with flags and value, lines, tooltip, and its ways out. A bad one fails alone.
import { lazy, memo, type RefObject, Suspense, useMemo, useRef, useState } from 'react';
import type { ChartPort, Hover } from '@/draw/chart';
import { type ChartModel, type Line, nearest, type Range, xRange } from '@/draw/line';
import { outside } from '@/draw/range';
import { count, notFinite, plural } from '@/lib/format';
import type { OwnSettings, View } from '@/lib/view';
import { Icon } from '@/ui/icons';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { useSeen, useWidth } from '@/ui/size';
import { TableButton } from '@/ui/table-button';
import { Exports } from './card-export';
import { isBytes, Tip, words } from './card-values';
import { ChartView, type Together } from './chart-view';
import { best, xKind } from './model';
import { OwnMenu } from './own-menu';
import { type Drawn, useLines } from './use-lines';
import { notesOf, useTexts } from './use-texts';

// Few charts are opened, and fewer are read as tables.
const Legend = lazy(() => import('./legend'));
const LineTable = lazy(() => import('./line-table'));
const Texts = lazy(() => import('./texts'));

export interface CardProps {
  name: string;
  /** How many values under this key are no numbers. */
  texts: number;
  drawn: Drawn;
  view: View;
  system: boolean;
  together: Together;
  lit: string | null;
  limits: { y: number; label: string }[];
  open: boolean;
  onOpen: (key: string) => void;
  onZoom: (range: Range | null) => void;
  onLit: (id: string | null) => void;
  /** Change what this chart has of its own. */
  onOwn: (key: string, own: OwnSettings) => void;
}

const NOTHING_OWN: OwnSettings = {};

export const ChartCard = memo(function ChartCard(props: CardProps) {
  const { name, open } = props;
  const box = useRef<HTMLElement>(null);
  const seen = useSeen(box);
  // Of hundreds of cards most are never looked at: until then a card is its name and its place.
  const met = useRef(false);
  met.current ||= seen;
  return (
    <article
      ref={box}
      className={`chart-card ${open ? 'open' : ''}`}
      aria-label={name}
      data-key={name}
    >
      {met.current ? (
        <Content {...props} box={box} seen={seen} />
      ) : (
        <>
          <header>
            <h3 className="cut">{name}</h3>
          </header>
          <div className="chart-space" />
        </>
      )}
    </article>
  );
});

interface ContentProps extends CardProps {
  box: RefObject<HTMLElement | null>;
  seen: boolean;
}

function Content(props: ContentProps) {
  const { name, drawn, view, system, lit, limits, open, onOpen, box, seen } = props;
  const width = useWidth(box);
  const own = view.own[name] ?? NOTHING_OWN;
  const smoothing = own.smoothing ?? view.smoothing;
  const { lines, loading, stale, error, retry, of } = useLines(
    drawn,
    name,
    view,
    smoothing,
    system,
    width,
    seen,
  );
  const [hover, setHover] = useState<Hover | null>(null);
  const [inside, show] = useState<'chart' | 'table' | 'texts'>('chart');
  const said = useTexts(drawn.runs, name, props.texts > 0 && seen && !drawn.joined);
  const port = useRef<ChartPort | null>(null);
  const model = useMemo<ChartModel>(
    () => ({
      lines,
      x: xKind(view.x),
      xLog: view.xLog,
      yLog: own.yLog ?? view.yLog,
      band: view.band || drawn.joined !== null,
      zoom: view.zoom,
      y: own.y ?? null,
      clip: own.clip ?? view.clip,
      whole: own.clip === false,
      limits: [...limits, ...(own.marks ?? []).map((y) => ({ y, label: words(name, y) }))],
      notes: notesOf(said, view.x),
      marks: drawn.marks,
      bytes: isBytes(name),
    }),
    [
      lines,
      said,
      view.x,
      view.xLog,
      view.yLog,
      view.band,
      view.zoom,
      view.clip,
      own,
      limits,
      drawn,
      name,
    ],
  );
  const odd = notFinite(
    lines.reduce((sum, line) => sum + line.nanCount, 0),
    lines.reduce((sum, line) => sum + line.infCount, 0),
  );
  const far = useMemo(() => outside(model, xRange(model)), [model]);
  const top = useMemo(() => best(lines, name), [lines, name]);
  const missing = seen && width > 0 && drawn.runs.length > 0 && !loading && lines.length === 0;
  const hovered = hover?.id ? lines.find((line) => line.id === hover.id) : null;
  const hoverAt = (next: Hover | null) => {
    setHover(next);
    props.onLit(next?.id ?? null);
  };
  const bare = lines.length > 0 && lines.every((line) => !line.y.some(Number.isFinite));
  const label = `${name}: ${plural(lines.length, 'line')}${top ? `, ${top.word} ${words(name, top.value)}` : ''}${odd ? `, ${odd}` : ''}`;
  return (
    <>
      <header>
        <h3 className="cut" title={name}>
          {name}
        </h3>
        {of && drawn.crowd && (
          <span
            className="quiet small cut"
            title="Too many lines to tell apart: the line is the median of each group, the bands hold its middle half, eight tenths, and all"
          >
            density of {plural(of.counted, 'run')}
            {of.counted < of.total && `, the newest of ${count(of.total)}`}
          </span>
        )}
        {model.clip && !own.y && (
          <span className="quiet small" title="The farthest values lie outside; log y shows them">
            clipped
          </span>
        )}
        {far.length > 0 && (
          <Outside
            name={name}
            lines={far}
            onWhole={() => props.onOwn(name, { ...own, clip: false })}
          />
        )}
        {odd && (
          <span className="nan-flag" title="Values that are NaN or infinite; red ticks say where">
            {odd}
          </span>
        )}
        {said.length > 0 && (
          <button
            type="button"
            className="head-button small texts-flag"
            aria-pressed={inside === 'texts'}
            title="Values of this key that are no numbers; flags say where"
            onClick={() => show(inside === 'texts' ? 'chart' : 'texts')}
          >
            {plural(said.length, 'text')}
          </button>
        )}
        <span className="grow" />
        <span className="quiet small chart-value" title={hovered ? hovered.label : top?.of}>
          {hovered && hover
            ? words(name, valueNear(hovered, hover.x))
            : top
              ? `${top.word} ${words(name, top.value)}`
              : ''}
        </span>
        <span className="chart-tools">
          <TableButton
            name={name}
            on={inside === 'table'}
            onChange={(on) => show(on ? 'table' : 'chart')}
          />
          <OwnMenu name={name} view={view} own={own} onOwn={props.onOwn} />
          <Exports name={name} model={model} port={port} x={view.x} />
          <button
            type="button"
            className="button plain icon"
            aria-label={open ? `Shrink ${name}` : `Expand ${name}`}
            aria-pressed={open}
            onClick={() => onOpen(name)}
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
        {drawn.runs.length === 0 && !drawn.joined && (
          <p className="quiet small chart-none">No run is drawn.</p>
        )}
        <Suspense fallback={<Skeleton lines={2} />}>
          {inside === 'table' && lines.length > 0 && (
            <LineTable name={name} model={model} x={view.x} />
          )}
          {inside === 'texts' && <Texts name={name} said={said} large={open} />}
        </Suspense>
        {inside === 'chart' && bare && (
          <p className="quiet small chart-none over">Every value here is NaN or infinite.</p>
        )}
        {inside === 'chart' && seen && lines.length > 0 && (
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
        {inside === 'chart' && hover && lines.length > 0 && (
          <Tip hover={hover} lines={lines} model={model} name={name} width={width} />
        )}
      </div>
      {open && lines.length > 0 && (
        <Suspense fallback={<Skeleton lines={2} />}>
          <Legend lines={lines} name={name} onLit={props.onLit} />
        </Suspense>
      )}
    </>
  );
}

const NAMED_MAX = 5;

/** Which lines leave the chart, how far, and the way to see them. */
function Outside({ name, lines, onWhole }: { name: string; lines: Line[]; onWhole: () => void }) {
  const far = (line: Line) => line.y.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const told = lines.slice(0, NAMED_MAX).map((l) => `${l.label} to ${words(name, far(l))}`);
  return (
    <button
      type="button"
      className="outside-flag"
      title={`Outside: ${told.join(', ')}${lines.length > NAMED_MAX ? ' and more' : ''}. Press to see everything`}
      onClick={onWhole}
    >
      {lines.length} outside
    </button>
  );
}

function valueNear(line: Line, x: number): number {
  const i = nearest(line.x, x);
  return i < 0 ? Number.NaN : line.y[i];
}
