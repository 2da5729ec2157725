// Values that are no numbers, by the runs that logged them. Never asks for them.
import type { Json, ObjectsView } from '@/data/records';

export interface Logged {
  step: number;
  at: number;
  value: Json;
}

/** What each run logged, in the order of the runs; those that logged nothing are left out. */
export function loggedBy<Run extends { key: number }>(
  runs: readonly Run[],
  found: readonly ObjectsView[],
): { run: Run; rows: Logged[]; total: number }[] {
  const known = new Map(found.map((each) => [each.run, each]));
  return runs.flatMap((run) => {
    const own = known.get(run.key);
    if (!own) return [];
    const rows = own.rows.map(([step, at, value]) => ({ step, at, value }));
    return [{ run, rows, total: own.total }];
  });
}
