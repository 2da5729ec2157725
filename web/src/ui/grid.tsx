// A window over many rows, and keys to move along them. Never knows what a row is.
import { Fragment, type ReactNode, useEffect, useRef, useState } from 'react';
import { useKeys } from './keys';
import { useStoredNumber } from './stored';
import { useWindow } from './window';

/** Where a row stands. */
export interface Place {
  index: number;
  top: number;
  height: number;
  /** Whether the keys act on it. */
  here: boolean;
  /** A narrow screen: two lines, and no columns. */
  phone: boolean;
}

/** A key that does something to the row it is pressed on. */
export interface RowKey {
  keys: string;
  words: string;
  act: (index: number) => void;
}

export interface GridProps {
  /** What all rows are, and one: `Runs`, `run`. */
  label: string;
  one: string;
  count: number;
  /** How many there are is not known yet: rows are places only. */
  unknown?: boolean;
  /** How many of the first rows stay below the head. */
  stuck?: number;
  /** What the columns need; the table is scrolled sideways below that. */
  width: number;
  head: ReactNode;
  row: (place: Place) => ReactNode;
  keys: RowKey[];
  onMove?: (index: number) => void;
  /** The first and the last row in the window. */
  onRange?: (first: number, last: number) => void;
  /** Another list under the same name begins at its top. */
  from?: string;
  picks?: boolean;
  after?: ReactNode;
}

const HEIGHTS = [30, 36, 26];
const TALL = 54;
const HEAD = 28;
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

/** Normal, comfortable or compact rows, in every table of this browser. */
function useDensity(): [height: number, next: () => void] {
  const [density, set] = useStoredNumber('density', 0);
  return [HEIGHTS[density] ?? HEIGHTS[0], () => set((density + 1) % HEIGHTS.length)];
}

export function Grid(props: GridProps) {
  const { label, count, unknown, stuck = 0, width, head, row, from, after } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const phone = usePhone();
  const [dense, denser] = useDensity();
  const height = phone ? TALL : dense;
  const above = stuck * height + (phone ? 0 : HEAD);
  const { first, last, reveal } = useWindow(scroller, { count: count - stuck, height, above });
  // biome-ignore lint/correctness/useExhaustiveDependencies: told where the window is, when it moves
  useEffect(() => {
    if (last >= first) props.onRange?.(first, last);
  }, [first, last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its top
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [from]);
  const cursor = useCursor(props, denser, (index) => {
    if (index >= stuck) reveal(index - stuck);
  });
  const place = (index: number, top: number) => (
    <Fragment key={index}>{row({ index, top, height, here: cursor === index, phone })}</Fragment>
  );
  return (
    <div className="table-scroll" ref={scroller} tabIndex={0} role="group" aria-label={label}>
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={unknown ? -1 : count + 1}
        aria-multiselectable={props.picks}
        style={{ minWidth: phone ? undefined : width }}
      >
        <div role="presentation" className="table-stuck">
          {!phone && head}
          {stuck > 0 && (
            <div role="rowgroup" className="stuck-rows" style={{ height: stuck * height }}>
              {Array.from({ length: stuck }, (_, i) => place(i, i * height))}
            </div>
          )}
        </div>
        <div role="rowgroup" style={{ height: (count - stuck) * height, position: 'relative' }}>
          {Array.from({ length: last - first + 1 }, (_, i) =>
            place(first + i + stuck, (first + i) * height),
          )}
        </div>
      </div>
      {after}
    </div>
  );
}

function useCursor(props: GridProps, denser: () => void, reveal: (index: number) => void): number {
  const { count, one, keys, onMove } = props;
  const [cursor, setCursor] = useState(-1);
  const move = (step: number) => () => {
    const next = Math.max(0, Math.min(count - 1, cursor + step));
    setCursor(next);
    reveal(next);
    onMove?.(next);
  };
  useKeys([
    { keys: 'j', words: `Next ${one}`, act: move(1) },
    { keys: 'k', words: `Previous ${one}`, act: move(-1) },
    { keys: 'd', words: 'Taller or lower rows', act: denser },
    ...keys.map((each) => ({
      ...each,
      act: () => {
        if (cursor >= 0 && cursor < count) each.act(cursor);
      },
    })),
  ]);
  return cursor;
}
