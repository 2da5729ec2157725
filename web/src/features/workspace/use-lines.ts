// A chart's lines, asked for when it is seen and again when zoomed or when something was logged.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { window as windowQuery } from '@/data/queries';
import type { RunView } from '@/data/records';
import type { Line } from '@/draw/line';
import { inks as inksFor } from '@/lib/palette';
import type { View } from '@/lib/view';
import { joined, lineOf } from './model';

export interface Lines {
  lines: Line[];
  loading: boolean;
  stale: boolean;
  error: unknown;
  retry: () => void;
}

export interface Drawn {
  runs: readonly RunView[];
  inks: ReturnType<typeof inksFor>;
  /** The group of a run where charts are joined; nothing otherwise. */
  groupOf: ((run: RunView) => string) | null;
}

const STEP_PX = 50;

export function useLines(
  drawn: Drawn,
  key: string,
  view: View,
  system: boolean,
  width: number,
  enabled: boolean,
): Lines {
  // Rounded, so that a window dragged wider does not ask at every pixel.
  const buckets = Math.max(100, Math.ceil(width / STEP_PX) * STEP_PX);
  const [from, to] = view.zoom ?? [null, null];
  const query = {
    runs: drawn.runs.map((run) => run.key),
    keys: [key],
    x: view.x,
    width: buckets,
    x_min: from,
    x_max: to,
  };
  const found = useQuery({
    ...windowQuery(query, system),
    enabled: enabled && drawn.runs.length > 0 && width > 0,
  });
  const lines = useMemo(() => {
    const byKey = new Map(drawn.runs.map((run) => [run.key, run]));
    const order = new Map(drawn.runs.map((run, i) => [String(run.key), i]));
    const all = (found.data ?? [])
      .filter((each) => byKey.has(each.run))
      .map((each) =>
        lineOf(each, byKey.get(each.run)!, { smoothing: view.smoothing, inks: drawn.inks }),
      )
      .sort((a, b) => (order.get(b.id) ?? 0) - (order.get(a.id) ?? 0));
    return drawn.groupOf ? grouped(all, byKey, drawn.groupOf) : all;
  }, [found.data, drawn, view.smoothing]);
  return {
    lines,
    loading: found.isPending && enabled,
    stale: found.isPlaceholderData,
    error: found.error,
    retry: () => void found.refetch(),
  };
}

function grouped(
  lines: Line[],
  runs: Map<number, RunView>,
  groupOf: (run: RunView) => string,
): Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const run = runs.get(Number(line.id));
    const name = run ? groupOf(run) : '';
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  const colors = inksFor([...groups.keys()]);
  return [...groups].map(([name, own]) =>
    joined(name, own, colors.get(name) ?? { hue: 0, dash: [] }),
  );
}
