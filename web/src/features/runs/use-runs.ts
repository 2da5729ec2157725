// The runs of a listing by their place in it, as far as they have come. Never asks for what is not in view.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Listing, PAGE, runsPage } from '@/data/queries';
import type { RunView } from '@/data/records';

export interface Runs {
  total: number | null;
  states: Record<string, number>;
  at(index: number): { run: RunView; age: number; stale: boolean } | null;
  error: unknown;
  took: number;
  retry(): void;
}

export function useRuns(listing: Listing, first: number, last: number): Runs {
  const pages = useMemo(() => {
    const wanted = new Set([0]);
    for (let i = Math.floor(first / PAGE); i <= Math.floor(Math.max(first, last) / PAGE); i += 1)
      wanted.add(i);
    return [...wanted];
  }, [first, last]);
  const answers = useQueries({ queries: pages.map((index) => runsPage(listing, index)) });
  const top = answers[0];
  return {
    total: top.data?.total ?? null,
    states: top.data?.states ?? {},
    at(index) {
      const answer = answers[pages.indexOf(Math.floor(index / PAGE))];
      const run = answer?.data?.runs[index % PAGE];
      return run ? { run, age: answer.data?.at ?? 0, stale: answer.isPlaceholderData } : null;
    },
    error: answers.find((each) => each.error)?.error ?? null,
    took: top.data?.took ?? 0,
    retry: () =>
      answers.forEach((each) => {
        if (each.error) void each.refetch();
      }),
  };
}
