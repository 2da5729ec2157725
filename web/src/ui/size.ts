// How wide an element is, and whether it is near the screen, as that changes.
import { type RefObject, useEffect, useState } from 'react';

export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

const NEAR = '300px';
const watched = new WeakMap<Element, (near: boolean) => void>();
let observer: IntersectionObserver | null = null;

/** One for all, so that what comes near together is drawn together. */
function watch(element: Element, told: (near: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) watched.get(target)?.(isIntersecting);
    },
    { rootMargin: NEAR },
  );
  const all = observer;
  watched.set(element, told);
  all.observe(element);
  return () => all.unobserve(element);
}

/** Whether an element is near the screen. */
export function useSeen(ref: RefObject<HTMLElement | null>): boolean {
  const [seen, see] = useState(false);
  useEffect(() => (ref.current ? watch(ref.current, see) : undefined), [ref]);
  return seen;
}
