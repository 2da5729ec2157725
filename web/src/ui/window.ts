// Which rows of one height are in a scrolled box, and how to bring one there. Never draws them.
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** So many rows beyond either edge are there before they are scrolled to. */
const BEYOND = 8;

/** The first and the last row of a window, both in it; in a box of no height there is none. */
export function windowOf(top: number, size: number, height: number, count: number) {
  if (size <= 0 || count <= 0) return { first: 0, last: -1 };
  const first = Math.min(Math.floor(top / height), count - 1);
  const last = Math.min(Math.floor((top + size) / height), count - 1);
  return { first: Math.max(0, first - BEYOND), last: Math.min(count - 1, last + BEYOND) };
}

/** Where a box of this room stands once the row is in it: as near as can be to where it was. */
export function revealing(index: number, height: number, top: number, room: number): number {
  const start = index * height;
  if (start < top) return start;
  return Math.max(top, start + height - room);
}

/** `above` is what covers the top of the box: the rows begin below it. */
export function useWindow(
  box: RefObject<HTMLElement | null>,
  { count, height, above }: { count: number; height: number; above: number },
) {
  const [{ top, size }, set] = useState({ top: 0, size: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const now = { top: Math.max(0, element.scrollTop), size: element.clientHeight };
      const row = (pixels: number) => Math.floor(pixels / height);
      set((was) =>
        row(was.top) === row(now.top) && row(was.top + was.size) === row(now.top + now.size)
          ? was
          : now,
      );
    };
    // At once, so that no empty place is scrolled into view.
    const scrolled = () => flushSync(look);
    const sized = new ResizeObserver(look);
    look();
    sized.observe(element);
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      sized.disconnect();
      element.removeEventListener('scroll', scrolled);
    };
  }, [box, height]);
  const reveal = useCallback(
    (index: number) => {
      const element = box.current;
      if (!element) return;
      const room = element.clientHeight - above;
      element.scrollTop = revealing(index, height, element.scrollTop, room);
    },
    [box, height, above],
  );
  return { ...windowOf(top, size, height, count), reveal };
}
