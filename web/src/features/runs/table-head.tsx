// The head of the runs table: names of columns, sorting by them, their width. Never scrolls.
import { memo, type PointerEvent, useRef } from 'react';
import { COLUMN_MIN, type Column, type Layout, nextOrder, sortedBy } from './model';

export interface HeadProps {
  layout: Layout;
  order: string;
  onOrder: (order: string) => void;
  dots: boolean;
  /** How many of the runs that match are selected. */
  picked: 'all' | 'some' | 'none';
  onAll: () => void;
  /** Another width of a column; 0 for its first one. */
  onWidth: (field: string, width: number) => void;
}

export const Head = memo(function Head(props: HeadProps) {
  const { layout, order, dots, picked, onAll } = props;
  const byAge = sortedBy(order, 'created').way;
  // Where no column says when a run was made, the name does.
  const unsaid = [...layout.pinned, ...layout.columns].every((each) => each.order !== 'created');
  const age = { descending: 'Newest', ascending: 'Oldest', none: 'Name' }[unsaid ? byAge : 'none'];
  return (
    <div role="rowgroup" className="table-head">
      <div
        role="row"
        aria-rowindex={1}
        className="table-row"
        style={{ gridTemplateColumns: layout.template }}
      >
        <span role="columnheader" className="pinned" style={{ left: 0 }}>
          <input
            type="checkbox"
            aria-label="Select all that match"
            title="Select all that match"
            checked={picked === 'all'}
            ref={(box) => {
              if (box) box.indeterminate = picked === 'some';
            }}
            onChange={onAll}
          />
        </span>
        {dots && (
          <span role="columnheader" className="pinned" style={{ left: layout.dotLeft }}>
            <span className="unseen">Draw</span>
          </span>
        )}
        <Header
          {...props}
          field="name"
          by={age === 'Name' ? 'name' : 'created'}
          label={age}
          left={layout.nameLeft}
        />
        {layout.pinned.map((each) => (
          <Header {...props} key={each.field} {...named(each)} />
        ))}
        <Header
          {...props}
          field="state"
          by="state"
          label="State and cause"
          left={layout.stateLeft}
          state
        />
        {layout.columns.map((each) => (
          <Header {...props} key={each.field} {...named(each)} />
        ))}
      </div>
    </div>
  );
});

function named({ field, order, label, numeric, left }: Column & { left?: number }) {
  return { field, by: order, label, numeric, left };
}

interface HeaderProps extends Pick<HeadProps, 'order' | 'onOrder' | 'onWidth'> {
  field: string;
  /** What it sorts by; nothing if it cannot. */
  by: string;
  label: string;
  numeric?: boolean;
  left?: number;
  state?: boolean;
}

function Header({ order, onOrder, onWidth, field, by, label, numeric, left, state }: HeaderProps) {
  const { way, rank } = sortedBy(order, by);
  const arrow = way === 'descending' ? '↓' : way === 'ascending' ? '↑' : '';
  const looks = [numeric && 'right', left !== undefined && 'pinned', state && 'state'];
  return (
    <span
      role="columnheader"
      // Only of the first is the order of all rows; of others only where that one is the same.
      aria-sort={rank > 1 ? 'other' : way}
      className={looks.filter(Boolean).join(' ')}
      style={left === undefined ? undefined : { left }}
    >
      {by ? (
        <button
          type="button"
          className="head-button"
          title={`Sort by ${label}; with Shift, after what it is sorted by already`}
          onClick={(event) => onOrder(nextOrder(order, by, event.shiftKey))}
        >
          <span className="cut">{label}</span>
          {arrow && (
            <span className="sort-arrow">
              {arrow}
              {rank > 0 && <sub>{rank}</sub>}
            </span>
          )}
        </button>
      ) : (
        <span className="cut">{label}</span>
      )}
      <Edge onWidth={(width) => onWidth(field, width)} />
    </span>
  );
}

/** The right edge of a column, to be pulled; a double click gives it back its first width. */
function Edge({ onWidth }: { onWidth: (width: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const grip = (event: PointerEvent<HTMLElement>) => {
    const edge = event.currentTarget;
    const cell = edge.parentElement;
    if (!cell) return;
    edge.setPointerCapture(event.pointerId);
    const { marginLeft, marginRight } = getComputedStyle(cell);
    // A cell that stays is wider than its column: it covers the gap beside it.
    const width = cell.offsetWidth + Number.parseFloat(marginLeft) + Number.parseFloat(marginRight);
    // By how far it is pulled: columns that take what is left may move the edge meanwhile.
    from.current = { x: event.clientX, width };
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (!from.current) return;
    const width = from.current.width + event.clientX - from.current.x;
    onWidth(Math.max(COLUMN_MIN, Math.round(width)));
  };
  return (
    <i
      role="separator"
      aria-hidden="true"
      className="edge"
      title="Pull to change the width"
      onPointerDown={grip}
      onPointerMove={pull}
      onPointerUp={() => {
        from.current = null;
      }}
      onDoubleClick={() => onWidth(0)}
    />
  );
}
