// When attempts of runs began and ended badly, along the axes of time. Never guesses a step.
import { useQueries } from '@tanstack/react-query';
import { attempts } from '@/data/queries';
import type { AttemptView, RunView } from '@/data/records';
import type { Break, Mark } from '@/draw/line';
import { BAD, BADGES, type Shown } from '@/lib/states';

/** Each is asked for by itself. */
const RESUMED_MAX = 20;
const NONE: ReadonlyMap<number, readonly AttemptView[]> = new Map();

/** Attempts of those runs that had several, by the run's key. */
export function useAttempts(
  runs: readonly RunView[],
  wanted: boolean,
): ReadonlyMap<number, readonly AttemptView[]> {
  const resumed = wanted ? runs.filter((run) => (run.attempt ?? 0) > 1).slice(0, RESUMED_MAX) : [];
  return useQueries({
    queries: resumed.map(({ entity, project, id }) => attempts({ entity, project, id })),
    combine: (answers) =>
      resumed.length === 0
        ? NONE
        : new Map(resumed.map((run, i) => [run.key, answers[i]?.data ?? []])),
  });
}

/** Whether the axis is one of time: which step an attempt began at is not told. */
export function isTime(x: string): boolean {
  return x === '_timestamp' || x === '_relative';
}

/** A moment of a run along an axis of time. */
function along(x: string, run: RunView): (at: number) => number {
  const start = x === '_relative' ? (run.started_at ?? run.created_at) : 0;
  return (at) => at - start;
}

/** Where along x each further attempt began, and the break before it. */
export function breaksOf(
  runs: readonly RunView[],
  known: ReadonlyMap<number, readonly AttemptView[]>,
  x: string,
): Map<number, Break[]> {
  return new Map(
    runs.flatMap((run): [number, Break[]][] => {
      const [, ...further] = known.get(run.key) ?? [];
      const place = along(x, run);
      const found = further.map(({ started_at: start }, i) => {
        const ended = known.get(run.key)?.[i].ended_at ?? start;
        // In the middle: the clock of its machine may differ a little from the server's.
        return { x: place(Math.min(start, (ended + start) / 2)), start: place(start) };
      });
      return found.length > 0 ? [[run.key, found]] : [];
    }),
  );
}

/** Of one run alone: each further attempt, and its bad end, which no measurement tells. */
export function marksOf(run: RunView, known: readonly AttemptView[], x: string): Mark[] {
  const place = along(x, run);
  const starts = known.slice(1).map((each) => ({
    x: place(each.started_at),
    label: `attempt ${each.epoch}`,
    token: '--ink-3',
  }));
  if (!BAD.has(run.state) || !run.ended_at) return starts;
  const { word, hue } = BADGES[run.state as Shown];
  return [...starts, { x: place(run.ended_at), label: word, token: `--state-${hue}` }];
}
