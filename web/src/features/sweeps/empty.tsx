// Code to copy where nothing is yet: a first sweep, a first agent. Never shows a key.
import { useState } from 'react';
import type { SweepView } from '@/data/records';
import { Card, CopyBlock } from '@/ui/parts';
import { agentWays, breakerWords, sweepWays, type Way } from './model';

function Ways({ ways, label }: { ways: readonly Way[]; label: string }) {
  const [name, choose] = useState(ways[0].name);
  const chosen = ways.find((each) => each.name === name) ?? ways[0];
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="segmented sweep-ways" role="group" aria-label={label}>
        {ways.map((each) => (
          <button
            key={each.name}
            type="button"
            aria-pressed={each.name === chosen.name}
            onClick={() => choose(each.name)}
          >
            {each.name}
          </button>
        ))}
      </div>
      <CopyBlock text={chosen.code} />
    </div>
  );
}

/** The commands that start one more agent. */
export function AgentCommands({ sweep }: { sweep: SweepView }) {
  return <Ways ways={agentWays(location.origin, sweep)} label="How an agent is started" />;
}

export function FirstAgent({ sweep }: { sweep: SweepView }) {
  return (
    <Card title="Start an agent" note="it asks for a trial, runs it, and asks again">
      <div className="stack" style={{ gap: 10, maxWidth: 760 }}>
        <AgentCommands sweep={sweep} />
        <p className="quiet" role="status">
          Waiting for the first trial… it appears here by itself.
        </p>
      </div>
    </Card>
  );
}

export function FirstSweep({ entity, project }: { entity: string; project: string }) {
  return (
    <div className="empty">
      <h2>No sweep yet</h2>
      <p>
        A sweep tries many values of parameters. The server chooses what to try next; agents, on as
        many machines as you like, run it. {breakerWords({})}
      </p>
      <Ways ways={sweepWays(location.origin, entity, project)} label="How a sweep is made" />
      <p className="quiet" role="status">
        Waiting for the first sweep… it appears here by itself.
      </p>
    </div>
  );
}
