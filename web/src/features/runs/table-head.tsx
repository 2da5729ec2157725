// The head of the runs table: what its columns are called, and the sorting by them. Never scrolls.
import { memo } from 'react';
import { type Layout, nextOrder, sortedBy } from './model';

export const Head = memo(function Head({
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
});
