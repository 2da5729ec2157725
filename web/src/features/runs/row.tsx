// One row of the runs table: columns, or two lines on a narrow screen. Never fetches.
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { RunView } from '@/data/records';
import { count } from '@/lib/format';
import type { Place } from '@/ui/grid';
import { Icon } from '@/ui/icons';
import { useNow } from '@/ui/parts';
import { CauseWords, RunBadge, reason } from '@/ui/run-badge';
import { type Column, cellLink, cellWords, heardTitle, type Layout, lineWords } from './model';

export interface Dot {
  token: string;
  dash: boolean;
}

/** What rows call: the same object at every drawing, so that they are drawn anew only for what they
 * show. */
export interface RowActs {
  pick(index: number, on: boolean, range: boolean): void;
  pin(run: RunView): void;
  dot(run: RunView): void;
  hover(run: RunView | null): void;
}

export interface RowProps extends Place {
  layout: Layout;
  /** Nothing while it is not yet here. */
  run: RunView | null;
  /** When the answer was made that it is from. */
  age: number;
  isStale: boolean;
  isPicked: boolean;
  isPinned: boolean;
  isLit: boolean;
  dots: boolean;
  dot: Dot | undefined;
  acts: RowActs;
}

export const Row = memo(function Row(props: RowProps) {
  const { index, top, height, layout, run, phone, acts } = props;
  const row = {
    'aria-rowindex': index + 2,
    style: {
      transform: `translateY(${top}px)`,
      height,
      gridTemplateColumns: phone ? undefined : layout.template,
    },
  };
  if (!run) {
    return (
      <div role="row" {...row} className="table-row body-row waiting">
        <span role="gridcell" />
        <span role="gridcell" className="quiet" style={{ gridColumn: '2 / -1' }}>
          {count(index + 1)} <i className="skeleton" style={{ width: 120 }} />
        </span>
      </div>
    );
  }
  const looks = [
    'table-row body-row',
    props.here && 'here',
    props.isPicked && 'picked',
    props.isStale && 'stale',
    props.isLit && 'lit',
  ];
  const Body = phone ? TwoLines : Columns;
  return (
    <div
      role="row"
      {...row}
      aria-selected={props.isPicked}
      className={looks.filter(Boolean).join(' ')}
      onMouseEnter={() => acts.hover(run)}
      onMouseLeave={() => acts.hover(null)}
    >
      <Body {...props} run={run} />
    </div>
  );
});

type Here = RowProps & { run: RunView };

function TwoLines(props: Here) {
  const { run, layout, age } = props;
  const now = useNow();
  return (
    <>
      <span role="gridcell">{props.dots ? <Draw {...props} /> : <Check {...props} />}</span>
      <span role="gridcell" className="two-lines">
        <Name run={run} />
        <span className="quiet small cut" title={run.sentence}>
          {lineWords(run, reason(run), layout.columns, now - age, now)}
        </span>
      </span>
      <span role="gridcell">
        <RunBadge run={run} inTable />
      </span>
    </>
  );
}

function Columns(props: Here) {
  const { run, layout, age, dots, isPinned, acts } = props;
  return (
    <>
      <span role="gridcell" className="pinned" style={{ left: 0 }}>
        <Check {...props} />
      </span>
      {dots && (
        <span role="gridcell" className="pinned" style={{ left: layout.dotLeft }}>
          <Draw {...props} />
        </span>
      )}
      <span role="gridcell" className="pinned name" style={{ left: layout.nameLeft }}>
        <Name run={run} />
        <button
          type="button"
          className="pin"
          aria-pressed={isPinned}
          aria-label={`Keep ${run.name || run.id} on top`}
          title={isPinned ? 'Stays on top (P)' : 'Keep on top (P)'}
          onClick={() => acts.pin(run)}
        >
          <Icon name="pin" size={12} />
        </button>
      </span>
      <Cells run={run} columns={layout.pinned} age={age} />
      <span role="gridcell" className="row pinned state" style={{ left: layout.stateLeft }}>
        <RunBadge run={run} inTable />
        <CauseWords run={run} />
      </span>
      <Cells run={run} columns={layout.columns} age={age} />
    </>
  );
}

function Name({ run }: { run: RunView }) {
  return (
    <Link
      to="/$entity/$project/runs/$run/overview"
      params={{ entity: run.entity, project: run.project, run: run.id }}
      className="cut run-name"
      title={run.name}
    >
      {run.name || run.id}
    </Link>
  );
}

function Check({ run, index, isPicked, acts }: Here) {
  return (
    <input
      type="checkbox"
      aria-label={`Select ${run.name || run.id}`}
      title="With Shift, all from the last one on"
      checked={isPicked}
      onChange={(event) =>
        acts.pick(index, event.target.checked, (event.nativeEvent as MouseEvent).shiftKey)
      }
    />
  );
}

function Draw({ run, dot, acts }: Here) {
  return (
    <button
      type="button"
      className={`dot ${dot ? 'on' : ''} ${dot?.dash ? 'dash' : ''}`}
      style={dot ? { color: `var(${dot.token})` } : undefined}
      aria-pressed={Boolean(dot)}
      aria-label={`Draw ${run.name || run.id}`}
      onClick={() => acts.dot(run)}
    />
  );
}

function Cells({
  run,
  columns,
  age,
}: {
  run: RunView;
  columns: readonly (Column & { left?: number })[];
  age: number;
}) {
  const now = useNow();
  return columns.map(({ field, left, numeric }) => {
    const words = cellWords(run, field, now - age, now);
    const link = cellLink(run, field);
    const looks = [
      'cut',
      numeric && 'right',
      field.includes('.') || 'quiet',
      left !== undefined && 'pinned',
    ];
    return (
      <span
        role="gridcell"
        key={field}
        className={looks.filter(Boolean).join(' ')}
        style={left === undefined ? undefined : { left }}
        title={field === 'heard' ? heardTitle(run, now - age, now) : words}
      >
        {link ? <Link to={link as '/'}>{words}</Link> : words}
      </span>
    );
  });
}
