// The view that the address names, and how to change it. Typing replaces, decisions push.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { readView, type Search, type View, withView } from '@/lib/view';

export type ChangeView = (change: Partial<View>, how?: 'push' | 'replace') => void;

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
      });
    },
    [navigate],
  );
  return [view, change];
}
