// The agents of a sweep: where they are, what each runs, when it was last heard.
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { SweepAgentView, SweepView, TrialView } from '@/data/records';
import { count, duration } from '@/lib/format';
import { Ago, At, Card, Skeleton, useNow } from '@/ui/parts';
import { AgentCommands } from './empty';
import { useSweep, useTrials } from './use-sweep';

const FEW = 8;
const AGENTS_MAX = 500;
const ORDER = ['lost', 'running', 'ended'];
const LOOKS: Record<string, { word: string; hue: string }> = {
  running: { word: 'Working', hue: 'running' },
  lost: { word: 'Lost', hue: 'crashed' },
  ended: { word: 'Went home', hue: 'pending' },
};

export function SweepAgents() {
  const { path, found } = useSweep();
  const { trials } = useTrials(path, found.data);
  if (!found.data) return <Skeleton />;
  const { sweep, agents, at } = found.data;
  return (
    <div className="stack">
      <AgentsCard sweep={sweep} agents={agents} trials={trials} at={at} />
      <Card
        title={agents.length > 0 ? 'Start another agent' : 'Start an agent'}
        note="on any machine that reaches this server"
      >
        <div style={{ maxWidth: 760 }}>
          <AgentCommands sweep={sweep} />
        </div>
      </Card>
    </div>
  );
}

export function AgentsCard({
  sweep,
  agents,
  trials,
  at,
  few = false,
}: {
  sweep: SweepView;
  agents: readonly SweepAgentView[];
  trials: readonly TrialView[];
  /** When it was told, by this browser's clock. */
  at?: number;
  few?: boolean;
}) {
  const runs = useMemo(() => new Map(trials.map((each) => [each.run_id, each])), [trials]);
  const sorted = [...agents].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.created_at - a.created_at,
  );
  const shown = sorted.slice(0, few ? FEW : AGENTS_MAX);
  const params = { entity: sweep.entity, project: sweep.project, sweep: sweep.id };
  return (
    <Card
      title="Agents"
      note={`${count(sweep.agents_live)} of ${count(agents.length)} live`}
      aside={
        few && (
          <Link className="link small" to="/$entity/$project/sweeps/$sweep/agents" params={params}>
            {agents.length > FEW ? `All ${count(agents.length)}` : 'Start another'}
          </Link>
        )
      }
    >
      {agents.length === 0 && <p className="quiet">No agent has offered to work yet.</p>}
      {agents.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="group" aria-label="Agents">
          <table className="plain agents-table">
            <thead>
              <tr>
                <th>Host</th>
                <th>Agent</th>
                <th>Runs now</th>
                <th className="right">Trials</th>
                <th>Heard</th>
                <th>Client</th>
                <th>Since</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => (
                <Row key={each.id} agent={each} sweep={sweep} runs={runs} at={at ?? 0} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Row({
  agent,
  sweep,
  runs,
  at,
}: {
  agent: SweepAgentView;
  sweep: SweepView;
  runs: ReadonlyMap<string, TrialView>;
  at: number;
}) {
  const look = LOOKS[agent.state] ?? { word: agent.state, hue: 'pending' };
  const place = { entity: sweep.entity, project: sweep.project };
  return (
    <tr>
      <td className="any">{agent.host || '–'}</td>
      <td>
        <span className={`agent-state hue-${look.hue} is-${agent.state}`} data-agent={agent.state}>
          {look.word}
        </span>
      </td>
      <td className="any" data-label="Runs">
        {agent.runs.length === 0 && <span className="quiet">–</span>}
        {agent.runs.map((id, i) => (
          <span key={id}>
            {i > 0 && ', '}
            <Link
              className="link"
              to="/$entity/$project/runs/$run/overview"
              params={{ ...place, run: id }}
            >
              {runs.get(id) ? `#${runs.get(id)?.number} ${runs.get(id)?.name}` : id}
            </Link>
          </span>
        ))}
      </td>
      <td className="right" data-label="Trials">
        {count(agent.total_runs)}
      </td>
      <td data-label="Heard">
        <Heard agent={agent} at={at} />
      </td>
      <td className="quiet any">
        {agent.kind}
        {agent.user && ` · ${agent.user}`}
      </td>
      <td className="quiet" data-label="Since">
        <At at={agent.created_at} />
      </td>
    </tr>
  );
}

function Heard({ agent, at }: { agent: SweepAgentView; at: number }) {
  const now = useNow();
  if (agent.state === 'ended' || agent.silent_ms === null) return <Ago at={agent.heard_at} />;
  const silent = agent.silent_ms + (at ? Math.max(0, now - at) : 0);
  return agent.state === 'lost' ? (
    <b className="hue-crashed sweep-bad">silent for {duration(silent)}</b>
  ) : (
    <>{duration(silent)} ago</>
  );
}
