// A chart's lines, asked for when it is seen and again when zoomed or when something was logged.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { bands as bandsQuery } from '@/data/charts';
import type { Listing } from '@/data/queries';
import { window as windowQuery } from '@/data/queries';
import type { RunView } from '@/data/records';
import type { Break, Line, Mark } from '@/draw/line';
import { type Ink, inks as inksFor } from '@/lib/palette';
import type { Smoothing } from '@/lib/smoothing';
import type { View } from '@/lib/view';
import { bandLine, lineOf } from './model';

export interface Lines {
  lines: Line[];
  loading: boolean;
  stale: boolean;
  error: unknown;
  retry: () => void;
  /** Runs that the lines stand for, where they are more than lines. */
  of: { counted: number; total: number } | null;
}

export interface Drawn {
  runs: readonly RunView[];
  inks: ReadonlyMap<string, Ink>;
  /** The runs whose groups are drawn instead; nothing where each run has its own line. */
  joined: Pick<Listing, 'entity' | 'project' | 'filters'> | null;
  /** They are too many for lines: how densely they lie is drawn. */
  crowd: boolean;
  /** Behind what joins them the runs are drawn too. */
  beside: boolean;
  /** Where along x further attempts of each run began. */
  breaks?: ReadonlyMap<number, readonly Break[]>;
  /** What happened to a run that is drawn alone. */
  marks?: readonly Mark[];
}

const STEP_PX = 50;
const NO_INK: Ink = { hue: 0, dash: [] };

export function useLines(
  drawn: Drawn,
  key: string,
  view: View,
  smoothing: Smoothing,
  system: boolean,
  width: number,
  enabled: boolean,
): Lines {
  // Rounded, so that a window dragged wider does not ask at every pixel.
  const buckets = Math.max(100, Math.ceil(width / STEP_PX) * STEP_PX);
  const ready = enabled && width > 0;
  const each = ready && (!drawn.joined || drawn.beside);
  const alone = useAlone(drawn, key, view, smoothing, system, buckets, each);
  const joined = useJoined(drawn, key, view, smoothing, buckets, ready && drawn.joined !== null);
  const both = useMemo(
    () => [...alone.lines.map(behind), ...joined.lines],
    [alone.lines, joined.lines],
  );
  if (!drawn.joined) return alone;
  return drawn.beside ? { ...joined, lines: both } : joined;
}

function behind(line: Line): Line {
  return { ...line, low: null, high: null, raw: null, faint: true };
}

function useAlone(
  drawn: Drawn,
  key: string,
  view: View,
  smoothing: Smoothing,
  system: boolean,
  width: number,
  enabled: boolean,
): Lines {
  const { zoom } = view;
  // What lies before and after the window smooths its edges.
  const beyond = zoom && smoothing.kind !== 'none' ? (zoom[1] - zoom[0]) / 2 : 0;
  const query = {
    runs: drawn.runs.map((run) => run.key),
    keys: [key],
    x: view.x,
    width: beyond ? width * 2 : width,
    x_min: zoom && zoom[0] - beyond,
    x_max: zoom && zoom[1] + beyond,
  };
  const found = useQuery({
    ...windowQuery(query, system),
    enabled: enabled && drawn.runs.length > 0,
  });
  const lines = useMemo(() => {
    const byKey = new Map(drawn.runs.map((run) => [run.key, run]));
    const order = new Map(drawn.runs.map((run, i) => [String(run.key), i]));
    const { inks, breaks } = drawn;
    return (found.data ?? [])
      .filter((each) => byKey.has(each.run))
      .map((each) => lineOf(each, byKey.get(each.run)!, { smoothing, inks, zoom, breaks }))
      .sort((a, b) => (order.get(b.id) ?? 0) - (order.get(a.id) ?? 0));
  }, [found.data, drawn, smoothing, zoom]);
  return told(found, lines, enabled);
}

function useJoined(
  drawn: Drawn,
  key: string,
  view: View,
  smoothing: Smoothing,
  width: number,
  enabled: boolean,
): Lines {
  const [from, to] = view.zoom ?? [null, null];
  const { entity = '', project = '', filters = '' } = drawn.joined ?? {};
  const query = {
    entity,
    project,
    filters,
    by: view.join || 'group',
    keys: [key],
    x: view.x,
    width,
    x_min: from,
    x_max: to,
    band: drawn.crowd ? ('quantiles' as const) : view.spread,
  };
  const found = useQuery({ ...bandsQuery(query), enabled });
  const lines = useMemo(() => {
    const colors = inksFor((found.data ?? []).map((each) => each.group));
    return (found.data ?? []).map((each) =>
      bandLine(each, colors.get(each.group) ?? NO_INK, smoothing),
    );
  }, [found.data, smoothing]);
  return { ...told(found, lines, enabled), of: found.data?.[0] ?? null };
}

interface Found {
  isPending: boolean;
  isPlaceholderData: boolean;
  error: unknown;
  refetch: () => unknown;
}

function told(found: Found, lines: Line[], enabled: boolean): Lines {
  return {
    lines,
    loading: found.isPending && enabled,
    stale: found.isPlaceholderData,
    error: found.error,
    retry: () => void found.refetch(),
    of: null,
  };
}
