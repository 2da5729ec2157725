// The runs table: a window over as many rows as the server has. Never holds more than is in view.

import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { type Listing, PAGE } from '@/data/queries';
import type { RunView } from '@/data/records';
import { count, plural } from '@/lib/format';
import { Grid, type RowKey } from '@/ui/grid';
import { useStoredNumbers } from '@/ui/stored';
import { laidOut } from './model';
import { type Dot, Row, type RowActs } from './row';
import { Head } from './table-head';
import { PICKED_MAX, type Picked } from './use-picks';
import { type Runs, useRuns } from './use-runs';

export interface RunTableProps {
  listing: Listing;
  /** The rows are not what was asked for. */
  dim: boolean;
  /** Its columns are known: before that it would be asked twice. */
  ready: boolean;
  fields: string[];
  /** Fields that stay beside the name when the table is scrolled sideways. */
  pins: string[];
  /** Ids of the runs that stay on top. */
  pinned: string[];
  onPin: (run: RunView) => void;
  order: string;
  onOrder: (order: string) => void;
  picked: Picked;
  onPick: (runs: RunView[], on: boolean) => void;
  onAll: (already: boolean) => void;
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

const WAITING_ROWS = 12;

export function RunTable(props: RunTableProps) {
  const { listing, fields, pins, order, picked, dots, lit, empty, foot, onRuns } = props;
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const runs = useRuns(listing, props.pinned, range, props.ready);
  const [widths, setWidth] = useStoredNumbers('widths');
  const withDots = dots !== undefined;
  const layout = useMemo(
    () => laidOut(fields, pins, withDots, widths),
    [fields, pins, withDots, widths],
  );
  const acts = useActs(props, runs);
  useEffect(() => onRuns?.(runs));
  const onRange = (first: number, last: number) => {
    // By pages: what is asked does not change with every row that comes into view.
    const at = (index: number) => Math.floor(index / PAGE) * PAGE;
    const next: [number, number] = [at(first), at(last)];
    setRange((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  };
  const rest = (runs.total ?? Number.POSITIVE_INFINITY) - runs.pinned;
  const none = rest === 0;
  const all = picked.size > 0 && picked.size >= Math.min(rest, PICKED_MAX);
  // Why is said above; rows that nobody waits for say nothing.
  if (runs.error && runs.total === null) return null;
  if (none && runs.pinned === 0) return <div className="table-empty">{empty}</div>;
  return (
    <div className="run-table">
      <Grid
        label="Runs"
        one="run"
        count={runs.total ?? WAITING_ROWS + runs.pinned}
        unknown={runs.total === null}
        stuck={runs.pinned}
        width={layout.width}
        from={`${listing.filters} ${listing.order}`}
        picks
        onRange={onRange}
        onMove={(index) => acts.hover(runs.at(index)?.run ?? null)}
        keys={rowKeys(runs, acts, props)}
        head={
          <Head
            layout={layout}
            order={order}
            onOrder={acts.order}
            dots={withDots}
            picked={all ? 'all' : picked.size > 0 ? 'some' : 'none'}
            onAll={all ? acts.none : acts.all}
            onWidth={setWidth}
          />
        }
        after={none && empty}
        row={(place) => {
          const found = runs.at(place.index);
          return (
            <Row
              {...place}
              layout={layout}
              run={found?.run ?? null}
              age={found?.age ?? 0}
              isStale={props.dim || (found?.stale ?? false)}
              isPicked={found ? picked.has(found.run.key) : false}
              isPinned={place.index < runs.pinned}
              isLit={found !== null && lit === found.run.key}
              dots={withDots}
              dot={found ? dots?.get(found.run.key) : undefined}
              acts={acts}
            />
          );
        }}
      />
      <div className="table-foot quiet small">
        <b>{runs.total === null ? '…' : plural(runs.total, 'run')}</b>
        {runs.pinned > 0 && <span>{count(runs.pinned)} on top</span>}
        {foot}
        <span className="grow" />
        {runs.total !== null && <span>{Math.round(runs.took)} ms</span>}
        <span className="only-wide">
          J K move · X select · P keep on top{withDots ? ' · Space show' : ''}
        </span>
      </div>
    </div>
  );
}

interface Acts extends RowActs {
  order(order: string): void;
  all(): void;
  none(): void;
}

function useActs(props: RunTableProps, runs: Runs): Acts {
  const latest = useRef({ props, runs });
  latest.current = { props, runs };
  const last = useRef(-1);
  return useMemo(
    () => ({
      order: (order) => latest.current.props.onOrder(order),
      all: () => latest.current.props.onAll(false),
      none: () => latest.current.props.onAll(true),
      pick: (index, on, range) => {
        const now = latest.current;
        const from = range && last.current >= 0 ? last.current : index;
        last.current = index;
        const one = from === index ? now.runs.at(index) : null;
        if (one) return now.props.onPick([one.run], on);
        void now.runs
          .between(Math.min(from, index), Math.max(from, index))
          .then((all) => now.props.onPick(all, on));
      },
      pin: (run) => latest.current.props.onPin(run),
      dot: (run) => latest.current.props.onDot?.(run),
      hover: (run) => latest.current.props.onHover?.(run),
    }),
    [],
  );
}

function rowKeys(runs: Runs, acts: Acts, props: RunTableProps): RowKey[] {
  const on = (act: (run: RunView, index: number) => void) => (index: number) => {
    const run = runs.at(index)?.run;
    if (run) act(run, index);
  };
  const pick = (range: boolean) =>
    on((run, index) => acts.pick(index, range || !props.picked.has(run.key), range));
  return [
    { keys: 'x', words: 'Select the run', act: pick(false) },
    { keys: 'Shift+X', words: 'Select all from the last one on', act: pick(true) },
    { keys: 'p', words: 'Keep the run on top, or no longer', act: on(acts.pin) },
    { keys: 'Enter', words: 'Open the run', act: on(props.onOpen) },
    ...(props.onDot
      ? [{ keys: ' ', words: 'Draw or hide the run', act: on((run) => acts.dot(run)) }]
      : []),
  ];
}
