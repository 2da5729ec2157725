// The view that the address names, and how to change it. Typing replaces, decisions push.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { readView, type Search, type View, withView } from '@/lib/view';

export type ChangeView = (change: Partial<View>, how?: 'push' | 'replace') => void;

// Places of this tab's history that a change of a view made, with the page that they are of.
const edits = new Map<number, string>();

function place(): number {
  return Number(history.state?.__TSR_index ?? -1);
}

/** Takes back the last change of the view, if nothing else came after it. */
export function undoView(): boolean {
  if (edits.get(place()) !== location.pathname) return false;
  edits.delete(place());
  history.back();
  return true;
}

export function useView(): [View, ChangeView] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const view = useMemo(() => readView(search), [search]);
  const change: ChangeView = useCallback(
    (part, how = 'push') => {
      void navigate({
        to: '.',
        search: ((before: Search) => withView(before, part)) as never,
        replace: how === 'replace',
        resetScroll: false,
      }).then(() => how === 'push' && edits.set(place(), location.pathname));
    },
    [navigate],
  );
  return [view, change];
}
