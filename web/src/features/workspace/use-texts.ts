// Values under a metric's key that are no numbers, as flags on its chart. Never draws.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { objects } from '@/data/charts';
import type { Json, RunView } from '@/data/records';
import type { Note } from '@/draw/line';
import { loggedBy } from './logged';

const ROWS_MAX = 500;

export interface Said {
  run: RunView;
  step: number;
  at: number;
  value: Json;
}

/** What was said among the numbers of a key, newest first. */
export function useTexts(runs: readonly RunView[], key: string, wanted: boolean): Said[] {
  const query = { runs: runs.map((run) => run.key), keys: [key], limit: ROWS_MAX };
  const { data } = useQuery({ ...objects(query), enabled: wanted && runs.length > 0 });
  return useMemo(
    () =>
      loggedBy(runs, data ?? [])
        .flatMap(({ run, rows }) => rows.map((row) => ({ run, ...row })))
        .sort((a, b) => b.step - a.step),
    [runs, data],
  );
}

/** Where they stand along x; nowhere along another metric. */
export function notesOf(said: readonly Said[], x: string): Note[] {
  const along: Record<string, (each: Said) => number> = {
    _step: ({ step }) => step,
    _timestamp: ({ at }) => at,
    _relative: ({ run, at }) => at - (run.started_at ?? run.created_at),
  };
  const place = along[x];
  if (!place) return [];
  return said.map((each) => ({
    id: String(each.run.key),
    x: place(each),
    text: typeof each.value === 'string' ? each.value : JSON.stringify(each.value),
  }));
}
