// The runs table: a window over as many rows as the server has. Never holds more than is in view.

import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { type Listing, PAGE } from '@/data/queries';
import type { RunView } from '@/data/records';
import { count } from '@/lib/format';
import { useNow } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { type Column, cellWords, type Layout, laidOut } from './model';
import { useRowKeys } from './row-keys';
import { Head } from './table-head';
import { type Runs, useRuns } from './use-runs';

export interface Dot {
  token: string;
  dash: boolean;
}

export interface RunTableProps {
  listing: Listing;
  fields: string[];
  /** Fields that stay beside the name when the table is scrolled sideways. */
  pins: string[];
  order: string;
  onOrder: (order: string) => void;
  picked: ReadonlyMap<number, RunView>;
  onPick: (run: RunView, on: boolean) => void;
  /** In the workspace: which runs are drawn, and how. */
  dots?: ReadonlyMap<number, Dot>;
  onDot?: (run: RunView) => void;
  onHover?: (run: RunView | null) => void;
  lit?: number | null;
  onOpen: (run: RunView) => void;
  onRuns?: (runs: Runs) => void;
  empty: ReactNode;
  foot?: ReactNode;
}

const ROW = 30;
const TALL = 54;
const PHONE = '(max-width: 720px)';

function usePhone(): boolean {
  const [phone, set] = useState(() => matchMedia(PHONE).matches);
  useEffect(() => {
    const query = matchMedia(PHONE);
    const heard = () => set(query.matches);
    query.addEventListener('change', heard);
    return () => query.removeEventListener('change', heard);
  }, []);
  return phone;
}

export function RunTable(props: RunTableProps) {
  const { listing, fields, pins, order, picked, dots, lit, empty, foot, onRuns } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const phone = usePhone();
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const runs = useRuns(listing, range[0], range[1]);
  const rows = useVirtualizer({
    count: runs.total ?? 12,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? TALL : ROW),
    overscan: 8,
    onChange: (it) => {
      const items = it.getVirtualItems();
      if (items.length === 0) return;
      const at = (index: number) => Math.floor(index / PAGE) * PAGE;
      // By pages: what is asked does not change with every row that comes into view.
      const next: [number, number] = [at(items[0].index), at(items[items.length - 1].index)];
      setRange((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change their height together
  useEffect(() => rows.measure(), [phone]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another listing starts at its top
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [listing.filters, listing.order]);
  useEffect(() => onRuns?.(runs));
  const cursor = useRowKeys({ runs, props, reveal: (index) => rows.scrollToIndex(index) });
  const withDots = dots !== undefined;
  const layout = useMemo(() => laidOut(fields, pins, withDots), [fields, pins, withDots]);
  const acts = useActs(props);
  if (runs.total === 0) return <div className="table-empty">{empty}</div>;
  return (
    <div className="run-table">
      <div className="table-scroll" ref={scroller}>
        <div
          role="grid"
          aria-label="Runs"
          aria-rowcount={(runs.total ?? -1) + 1}
          aria-multiselectable="true"
          style={{
            minWidth: phone ? undefined : layout.width,
          }}
        >
          {!phone && <Head layout={layout} order={order} onOrder={acts.order} dots={withDots} />}
          <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map((item) => {
              const found = runs.at(item.index);
              return (
                <Row
                  key={item.index}
                  index={item.index}
                  top={item.start}
                  height={item.size}
                  layout={layout}
                  run={found?.run ?? null}
                  age={found?.age ?? 0}
                  isStale={found?.stale ?? false}
                  phone={phone}
                  here={cursor === item.index}
                  isPicked={found ? picked.has(found.run.key) : false}
                  isLit={found !== null && lit === found.run.key}
                  dots={withDots}
                  dot={found ? dots?.get(found.run.key) : undefined}
                  acts={acts}
                />
              );
            })}
          </div>
        </div>
      </div>
      <div className="table-foot quiet small">
        <b>
          {runs.total === null ? '…' : `${count(runs.total)} ${runs.total === 1 ? 'run' : 'runs'}`}
        </b>
        {foot}
        <span className="grow" />
        <span>{Math.round(runs.took)} ms</span>
        <span className="only-wide">J K move · X select{dots ? ' · Space show' : ''}</span>
      </div>
    </div>
  );
}

/** What rows and heads call: the same object at every drawing, so that they are drawn anew only for
 * what they show. */
interface Acts {
  order(order: string): void;
  pick(run: RunView, on: boolean): void;
  dot(run: RunView): void;
  hover(run: RunView | null): void;
}

function useActs(props: RunTableProps): Acts {
  const latest = useRef(props);
  latest.current = props;
  return useMemo(
    () => ({
      order: (order) => latest.current.onOrder(order),
      pick: (run, on) => latest.current.onPick(run, on),
      dot: (run) => latest.current.onDot?.(run),
      hover: (run) => latest.current.onHover?.(run),
    }),
    [],
  );
}

interface RowProps {
  index: number;
  top: number;
  height: number;
  layout: Layout;
  /** Nothing while it is not yet here. */
  run: RunView | null;
  /** When the answer was made that it is from. */
  age: number;
  isStale: boolean;
  phone: boolean;
  here: boolean;
  isPicked: boolean;
  isLit: boolean;
  dots: boolean;
  dot: Dot | undefined;
  acts: Acts;
}

const Row = memo(function Row({
  index,
  top,
  height,
  layout,
  run,
  age,
  isStale,
  phone,
  here,
  isPicked,
  isLit,
  dots,
  dot,
  acts,
}: RowProps) {
  const place = {
    transform: `translateY(${top}px)`,
    height,
    gridTemplateColumns: phone ? undefined : layout.template,
  };
  if (!run) {
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        className="table-row body-row waiting"
        style={place}
      >
        <span role="gridcell" />
        <span role="gridcell" className="quiet" style={{ gridColumn: '2 / -1' }}>
          {count(index + 1)} <i className="skeleton" style={{ width: 120 }} />
        </span>
      </div>
    );
  }
  const looks = [
    'table-row body-row',
    here && 'here',
    isPicked && 'picked',
    isStale && 'stale',
    isLit && 'lit',
  ];
  const link = (
    <Link
      to="/$entity/$project/runs/$run/overview"
      params={{ entity: run.entity, project: run.project, run: run.id }}
      className="cut run-name"
      title={run.name}
    >
      {run.name || run.id}
    </Link>
  );
  const events = { onMouseEnter: () => acts.hover(run), onMouseLeave: () => acts.hover(null) };
  const check = (
    <input
      type="checkbox"
      aria-label={`Select ${run.name}`}
      checked={isPicked}
      onChange={(event) => acts.pick(run, event.target.checked)}
    />
  );
  const draw = dots && (
    <button
      type="button"
      className={`dot ${dot ? 'on' : ''} ${dot?.dash ? 'dash' : ''}`}
      style={dot ? { color: `var(${dot.token})` } : undefined}
      aria-pressed={Boolean(dot)}
      aria-label={`Draw ${run.name}`}
      onClick={() => acts.dot(run)}
    />
  );
  if (phone) {
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        className={looks.filter(Boolean).join(' ')}
        style={place}
        {...events}
      >
        <span role="gridcell">{draw ?? check}</span>
        <span role="gridcell" className="two-lines">
          {link}
          <span className="quiet small cut">
            <CauseWords run={run} />{' '}
            <Cells run={run} columns={layout.columns.slice(0, 2)} age={age} inline />
          </span>
        </span>
        <span role="gridcell">
          <RunBadge run={run} inTable />
        </span>
      </div>
    );
  }
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isPicked}
      className={looks.filter(Boolean).join(' ')}
      style={place}
      {...events}
    >
      <span role="gridcell" className="pinned" style={{ left: 0 }}>
        {check}
      </span>
      {dots && (
        <span role="gridcell" className="pinned" style={{ left: layout.dotLeft }}>
          {draw}
        </span>
      )}
      <span role="gridcell" className="cut pinned" style={{ left: layout.nameLeft }}>
        {link}
      </span>
      <Cells run={run} columns={layout.pinned} age={age} />
      <span role="gridcell" className="row" style={{ minWidth: 0, gap: 6 }}>
        <RunBadge run={run} inTable />
        <CauseWords run={run} />
      </span>
      <Cells run={run} columns={layout.columns} age={age} />
    </div>
  );
});

function Cells({
  run,
  columns,
  age,
  inline = false,
}: {
  run: RunView;
  columns: readonly (Column & { left?: number })[];
  age: number;
  inline?: boolean;
}) {
  const now = useNow();
  if (inline)
    return (
      <>
        {columns.map(
          (each, i) =>
            `${i > 0 ? ' · ' : ''}${each.field === 'heard' ? '' : `${each.label} `}${cellWords(run, each.field, now - age, now)}`,
        )}
      </>
    );
  return (
    <>
      {columns.map((each) => {
        const words = cellWords(run, each.field, now - age, now);
        return (
          <span
            role="gridcell"
            key={each.field}
            className={`cut ${each.numeric ? 'right' : ''} ${each.field.includes('.') ? '' : 'quiet'} ${each.left === undefined ? '' : 'pinned'}`}
            style={each.left === undefined ? undefined : { left: each.left }}
            title={words}
          >
            {words}
          </span>
        );
      })}
    </>
  );
}
