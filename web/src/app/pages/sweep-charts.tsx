// Charts of a sweep: the workspace's panels with its best trials in them.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { runsFirst } from '@/data/queries';
import { FirstAgent } from '@/features/sweeps/empty';
import { useSweep } from '@/features/sweeps/use-sweep';
import { Panels } from '@/features/workspace/panels';
import { count } from '@/lib/format';
import { useView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';

const DRAWN = 12;
const NONE: never[] = [];

export function SweepCharts() {
  const { found } = useSweep();
  const [view, change] = useView();
  const [lit, light] = useState<number | null>(null);
  const sweep = found.data?.sweep;
  const order = sweep?.metric
    ? `${sweep.goal === 'maximize' ? '-' : ''}summary.${sweep.metric}`
    : '-created';
  const listing = {
    entity: sweep?.entity ?? '',
    project: sweep?.project ?? '',
    filters: `sweep = ${JSON.stringify(sweep?.id ?? '')}`,
    order,
    select: view.join.startsWith('config.') ? [view.join] : [],
  };
  const best = useQuery({ ...runsFirst(listing, DRAWN), enabled: sweep !== undefined });
  if (!sweep) return <Skeleton />;
  if (sweep.made === 0) return <FirstAgent sweep={sweep} />;
  const runs = best.data?.runs ?? NONE;
  const total = best.data?.total ?? 0;
  return (
    <Panels runs={runs} view={view} change={change} lit={lit} onLit={light}>
      <p className="quiet small">
        {total > runs.length
          ? `${runs.length} of ${count(total)} trials are drawn, ${sweep.metric ? `the best by ${sweep.metric}` : 'the newest'}.`
          : `All ${count(total)} trials are drawn.`}
      </p>
    </Panels>
  );
}
