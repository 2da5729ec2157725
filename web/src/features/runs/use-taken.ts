// The filter as far as the server takes it. Never says itself whether a filter is right.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { ApiError } from '@/data/client';
import { runsFirst } from '@/data/queries';
import { filterText } from '@/lib/query';
import type { View } from '@/lib/view';

const REFUSED = 422;

export interface Taken {
  /** The view with the last filter that was taken; with none where there was none. */
  view: View;
  /** How many the text finds in each state; nothing while that is not known. */
  states?: Record<string, number>;
  /** Why the filter of the view is not taken. */
  refused?: string;
}

export function useTaken(entity: string, project: string, view: View): Taken {
  // In every state, so that a chosen state does not hide the others.
  const counted = useQuery(
    runsFirst({ entity, project, filters: filterText(view.query, []), order: '', select: [] }, 0),
  );
  const { data, error, isPlaceholderData } = counted;
  const last = useRef<{ query: string; states: Record<string, number> }>(null);
  if (data && !isPlaceholderData) last.current = { query: view.query, states: data.states };
  const known = last.current;
  const query = known?.query ?? (error ? '' : view.query);
  const held = useMemo(() => (query === view.query ? view : { ...view, query }), [view, query]);
  const refused =
    error instanceof ApiError && error.status === REFUSED
      ? `${error.message}. Below: ${query ? `those of ${query}` : 'all runs'}.`
      : undefined;
  return { view: held, states: data?.states ?? known?.states, refused };
}
