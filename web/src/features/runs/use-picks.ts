// Which runs are selected, as they were when they were. Never acts on them.
import { useCallback, useState } from 'react';
import { type Listing, runsUpTo } from '@/data/queries';
import type { RunView } from '@/data/records';
import { count } from '@/lib/format';
import { toast } from '@/ui/toast';

export const PICKED_MAX = 10_000;
export type Picked = ReadonlyMap<number, RunView>;

export interface Picks {
  picked: Picked;
  pick(runs: readonly RunView[], on: boolean): void;
  /** All that match; nothing where all are selected already. */
  all(listing: Listing, already: boolean): void;
  clear(): void;
}

export function usePicks(): Picks {
  const [picked, set] = useState<Picked>(new Map());
  const pick = useCallback((runs: readonly RunView[], on: boolean) => {
    set((before) => {
      const next = new Map(before);
      for (const run of runs) {
        if (on) next.set(run.key, run);
        else next.delete(run.key);
      }
      return next;
    });
  }, []);
  const clear = useCallback(() => set(new Map()), []);
  const all = (listing: Listing, already: boolean) => {
    if (already) return clear();
    runsUpTo({ ...listing, select: [] }, PICKED_MAX).then(
      ({ runs, total }) => {
        set(new Map(runs.map((run) => [run.key, run])));
        if (total > PICKED_MAX)
          toast(
            `The first ${count(PICKED_MAX)} of ${count(total)} are selected: no more fit at once.`,
          );
      },
      (error: Error) => toast(`Not selected: ${error.message}`),
    );
  };
  return { picked, pick, all, clear };
}
