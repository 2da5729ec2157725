// The runs of a listing by their place in it, as far as they have come. Never asks for what is not in view.
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { type Listing, PAGE, runsPage } from '@/data/queries';
import type { RunView } from '@/data/records';
import { anyOf } from '@/lib/query';

export interface Found {
  run: RunView;
  /** When the answer was made that it is from. */
  age: number;
  stale: boolean;
}

export interface Runs {
  /** The pinned ones come first, and are not counted a second time. */
  total: number | null;
  pinned: number;
  states: Record<string, number>;
  at(index: number): Found | null;
  /** All from one place to another, asked for where they are not here. */
  between(first: number, last: number): Promise<RunView[]>;
  error: unknown;
  took: number;
  retry(): void;
}

export function useRuns(
  listing: Listing,
  pinned: readonly string[],
  [first, last]: readonly [number, number],
  ready: boolean,
): Runs {
  const cache = useQueryClient();
  const top = usePinned(listing, pinned);
  const rest = useMemo(() => without(listing, pinned), [listing, pinned]);
  const pages = useMemo(() => {
    const wanted = new Set([0]);
    for (let i = Math.floor(first / PAGE); i <= Math.floor(Math.max(first, last) / PAGE); i += 1)
      wanted.add(i);
    return [...wanted];
  }, [first, last]);
  const answers = useQueries({
    queries: pages.map((index) => ({ ...runsPage(rest, index), enabled: ready })),
  });
  const { data } = answers[0];
  const stuck = top.found?.length ?? pinned.length;
  const now: Runs = {
    total: data ? data.total + stuck : null,
    pinned: stuck,
    states: data?.states ?? {},
    at(index) {
      if (index < stuck) return top.found?.[index] ?? null;
      const place = index - stuck;
      const answer = answers[pages.indexOf(Math.floor(place / PAGE))];
      const run = answer?.data?.runs[place % PAGE];
      return run ? { run, age: answer.data?.at ?? 0, stale: answer.isPlaceholderData } : null;
    },
    async between(from, to) {
      const above = (top.found ?? []).slice(from, to + 1).map((each) => each.run);
      const [low, high] = [Math.max(0, from - stuck), to - stuck];
      const numbers: number[] = [];
      for (let i = Math.floor(low / PAGE); i * PAGE <= high; i += 1) numbers.push(i);
      const all = await Promise.all(numbers.map((i) => cache.ensureQueryData(runsPage(rest, i))));
      const runs = all.flatMap((page, i) =>
        page.runs.filter((_, n) => {
          const place = numbers[i] * PAGE + n;
          return place >= low && place <= high;
        }),
      );
      return [...above, ...runs];
    },
    error: answers.find((each) => each.error)?.error ?? top.error,
    took: data?.took ?? 0,
    retry: () =>
      answers.forEach((each) => {
        if (each.error) void each.refetch();
      }),
  };
  return useKept(now);
}

/** What there was stays, as old, while there is an error instead. */
function useKept(now: Runs): Runs {
  const kept = useRef<Runs | null>(null);
  if (now.total !== null) kept.current = now;
  const runs = kept.current;
  if (!runs || runs === now || !now.error) return now;
  const at = (index: number) => {
    const found = runs.at(index);
    return found && { ...found, stale: true };
  };
  return { ...runs, at, error: now.error, retry: now.retry };
}

/** The pinned runs in the order in which they were pinned; those that are gone are left out. */
export function usePinned(
  listing: Listing,
  ids: readonly string[],
): { found?: Found[]; error: unknown } {
  const asked = useQuery({
    ...runsPage({ ...listing, filters: anyOf(ids), order: '-created' }, 0),
    enabled: ids.length > 0,
  });
  const { data, isPlaceholderData: stale } = asked;
  const found = useMemo(() => {
    if (ids.length === 0) return [];
    if (!data) return undefined;
    const known = new Map(data.runs.map((run) => [run.id, run]));
    return ids.flatMap((id) => {
      const run = known.get(id);
      return run ? [{ run, age: data.at, stale }] : [];
    });
  }, [ids, data, stale]);
  return { found, error: ids.length > 0 ? asked.error : null };
}

function without(listing: Listing, ids: readonly string[]): Listing {
  if (ids.length === 0) return listing;
  const others = `not ${anyOf(ids)}`;
  const filters = listing.filters ? `(${listing.filters}) and ${others}` : others;
  return { ...listing, filters };
}
