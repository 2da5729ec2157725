// The runs table: a window over as many rows as the server has. Never holds more than is in view.

import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Listing } from '@/data/queries';
import type { RunView } from '@/data/records';
import { count } from '@/lib/format';
import { useNow } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { type Column, cellWords, type Layout, laidOut, nextOrder, sortedBy } from './model';
import { useRowKeys } from './row-keys';
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
  const { listing, fields, pins, order, onOrder, picked, dots, empty, foot, onRuns } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const phone = usePhone();
  const [range, setRange] = useState<[number, number]>([0, 50]);
  const runs = useRuns(listing, range[0], range[1]);
  const rows = useVirtualizer({
    count: runs.total ?? 12,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? TALL : ROW),
    overscan: 8,
    onChange: (it) => {
      const items = it.getVirtualItems();
      if (items.length === 0) return;
      const next: [number, number] = [items[0].index, items[items.length - 1].index];
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
  const layout = laidOut(fields, pins, dots !== undefined);
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
          {!phone && (
            <Head layout={layout} order={order} onOrder={onOrder} dots={dots !== undefined} />
          )}
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
                  found={found}
                  phone={phone}
                  here={cursor === item.index}
                  isPicked={found ? picked.has(found.run.key) : false}
                  props={props}
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

function Head({
  layout,
  order,
  onOrder,
  dots,
}: {
  layout: Layout;
  order: string;
  onOrder: (order: string) => void;
  dots: boolean;
}) {
  const sorting = (field: string) => sortedBy(order, field);
  const arrow = (field: string) =>
    sorting(field) === 'descending' ? ' ↓' : sorting(field) === 'ascending' ? ' ↑' : '';
  const header = (field: string, label: string, numeric = false, left?: number) => (
    <span
      role="columnheader"
      aria-sort={sorting(field)}
      key={label}
      className={`${numeric ? 'right' : ''} ${left === undefined ? '' : 'pinned'}`}
      style={left === undefined ? undefined : { left }}
    >
      {field ? (
        <button
          type="button"
          className="head-button"
          title={`Sort by ${label}`}
          onClick={() => onOrder(nextOrder(order, field))}
        >
          <span className="cut">{label}</span>
          {arrow(field)}
        </button>
      ) : (
        <span className="cut">{label}</span>
      )}
    </span>
  );
  return (
    <div role="rowgroup" className="table-head">
      <div
        role="row"
        aria-rowindex={1}
        className="table-row"
        style={{ gridTemplateColumns: layout.template }}
      >
        <span role="columnheader" className="pinned" style={{ left: 0 }}>
          <span className="unseen">Select</span>
        </span>
        {dots && (
          <span role="columnheader" className="pinned" style={{ left: layout.dotLeft }}>
            <span className="unseen">Draw</span>
          </span>
        )}
        {order === '-created' || order === 'created'
          ? header('created', order === 'created' ? 'Oldest' : 'Newest', false, layout.nameLeft)
          : header('name', 'Name', false, layout.nameLeft)}
        {layout.pinned.map(({ left, ...each }) =>
          header(each.order, each.label, each.numeric, left),
        )}
        {header('state', 'State and cause')}
        {layout.columns.map((each) => header(each.order, each.label, each.numeric))}
      </div>
    </div>
  );
}

interface RowProps {
  index: number;
  top: number;
  height: number;
  layout: Layout;
  found: { run: RunView; age: number; stale: boolean } | null;
  phone: boolean;
  here: boolean;
  isPicked: boolean;
  props: RunTableProps;
}

const Row = memo(function Row({
  index,
  top,
  height,
  layout,
  found,
  phone,
  here,
  isPicked,
  props,
}: RowProps) {
  const place = {
    transform: `translateY(${top}px)`,
    height,
    gridTemplateColumns: phone ? undefined : layout.template,
  };
  if (!found) {
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
  const { run } = found;
  const { dots, onDot, onPick, onHover, lit } = props;
  const dot = dots?.get(run.key);
  const looks = [
    'table-row body-row',
    here && 'here',
    isPicked && 'picked',
    found.stale && 'stale',
    lit === run.key && 'lit',
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
  const events = { onMouseEnter: () => onHover?.(run), onMouseLeave: () => onHover?.(null) };
  const check = (
    <input
      type="checkbox"
      aria-label={`Select ${run.name}`}
      checked={isPicked}
      onChange={(event) => onPick(run, event.target.checked)}
    />
  );
  const draw = dots && (
    <button
      type="button"
      className={`dot ${dot ? 'on' : ''} ${dot?.dash ? 'dash' : ''}`}
      style={dot ? { color: `var(${dot.token})` } : undefined}
      aria-pressed={Boolean(dot)}
      aria-label={`Draw ${run.name}`}
      onClick={() => onDot?.(run)}
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
            <Cells run={run} columns={layout.columns.slice(0, 2)} age={found.age} inline />
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
      <Cells run={run} columns={layout.pinned} age={found.age} />
      <span role="gridcell" className="row" style={{ minWidth: 0, gap: 6 }}>
        <RunBadge run={run} inTable />
        <CauseWords run={run} />
      </span>
      <Cells run={run} columns={layout.columns} age={found.age} />
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
