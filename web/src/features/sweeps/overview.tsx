// A sweep at a glance: how far it is, what is best, what failed, and what the parameters do.
import { useMemo } from 'react';
import { Skeleton } from '@/ui/parts';
import { AgentsCard } from './agents';
import { CoordinatesCard } from './coordinates';
import { FirstAgent } from './empty';
import { FailuresCard } from './failures';
import { ImportanceCard } from './importance';
import { dimensions } from './model';
import { ObjectiveCard } from './objective';
import { ProgressCard } from './progress';
import { useSweep, useTrials } from './use-sweep';

export function SweepOverview() {
  const { path, found } = useSweep();
  const { trials, total, waiting } = useTrials(path, found.data);
  const parameters = found.data?.parameters;
  const known = useMemo(() => dimensions(parameters ?? []), [parameters]);
  if (!found.data) return <Skeleton />;
  const { sweep, config, agents } = found.data;
  const given = { sweep, trials, dimensions: known, total };
  const empty = sweep.made === 0 && trials.length === 0;
  return (
    <div className="stack sweep-overview">
      <ProgressCard {...given} config={config} waiting={waiting} />
      {empty ? (
        <FirstAgent sweep={sweep} />
      ) : (
        <>
          <FailuresCard sweep={sweep} trials={trials} config={config} />
          <CoordinatesCard {...given} path={path} waiting={waiting} />
          <div className="sweep-pair">
            <ObjectiveCard {...given} waiting={waiting} />
            <ImportanceCard sweep={sweep} path={path} />
          </div>
        </>
      )}
      {agents.length > 0 && <AgentsCard sweep={sweep} agents={agents} trials={trials} few />}
    </div>
  );
}
