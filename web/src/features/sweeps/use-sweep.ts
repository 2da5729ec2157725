// The sweep that the address names and its trials, page by page. Never holds more than is drawn.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import { priorTrials, type SweepPath, sweep, TRIALS_PAGE, trials } from '@/data/queries';
import type { SweepDetail, TrialPage, TrialView } from '@/data/records';
import { type Brushes, readBrushes, writeBrushes } from '@/lib/lines';
import type { Search } from '@/lib/view';

export const TRIALS_SHOWN_MAX = 20_000;
const NONE: TrialView[] = [];

export function useSweepPath(): SweepPath {
  const { entity = '', project = '', sweep: id = '' } = useParams({ strict: false });
  return { entity, project, id };
}

export function useSweep() {
  const path = useSweepPath();
  return { path, found: useQuery(sweep(path)) };
}

export interface Trials {
  trials: TrialView[];
  /** How many there are, shown or not. */
  total: number;
  waiting: boolean;
  error: unknown;
}

/** The newest trials, as many as are drawn. */
export function useTrials(path: SweepPath, detail: SweepDetail | undefined): Trials {
  const known = detail ? detail.sweep.made : 0;
  const last = Math.max(0, Math.ceil(known / TRIALS_PAGE) - 1);
  const first = Math.max(0, last + 1 - TRIALS_SHOWN_MAX / TRIALS_PAGE);
  const pages = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const combined = useCallback(
    (answers: { data?: TrialPage; isPending: boolean; error: unknown }[]) => ({
      pages: answers.map((each) => each.data),
      waiting: answers.some((each) => each.isPending && !each.error),
      error: answers.find((each) => each.error)?.error ?? null,
    }),
    [],
  );
  const found = useQueries({
    queries: [priorTrials(path), ...pages.map((index) => trials(path, index))].map((each) => ({
      ...each,
      enabled: detail !== undefined,
    })) as ReturnType<typeof trials>[],
    combine: combined,
  });
  const all = useWhole(found.pages);
  const total = Math.max(known, ...found.pages.map((page) => page?.total ?? 0));
  return { trials: all, total, waiting: found.waiting, error: found.error };
}

/** All pages as one list, once they are all there: a part of ten thousand is not drawn twenty times. */
function useWhole(pages: readonly (TrialPage | undefined)[]): TrialView[] {
  const last = useRef<TrialView[]>(NONE);
  return useMemo(() => {
    if (pages.every((page) => page !== undefined))
      last.current = pages.flatMap((page) => page.trials);
    return last.current;
  }, [pages]);
}

/** Ranges brushed on axes, kept in the address. */
export function useBrushes(): [Brushes, (brushes: Brushes) => void] {
  const { b = '' } = useSearch({ strict: false }) as Search;
  const put = useAddress();
  const brushes = useMemo(() => readBrushes(b), [b]);
  const change = useCallback((next: Brushes) => put({ b: writeBrushes(next) || undefined }), [put]);
  return [brushes, change];
}

/** Changes what the address says beside the path; what is undefined is left out. */
export function useAddress(): (
  said: Record<string, string | undefined>,
  how?: 'push' | 'replace',
) => void {
  const navigate = useNavigate();
  return useCallback(
    (said, how = 'push') =>
      void navigate({
        to: '.',
        search: ((before: Search) => ({ ...before, ...said })) as never,
        replace: how === 'replace',
        resetScroll: false,
      }),
    [navigate],
  );
}
