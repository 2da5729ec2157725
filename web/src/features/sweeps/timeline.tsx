// Who ran what when: a lane for each agent, a bar for each trial. Never guesses what is not told.
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import type { SweepAgentView, SweepView, TrialView, TurnView } from '@/data/records';
import { clock, count, duration } from '@/lib/format';
import { BADGES, shownState } from '@/lib/states';
import { Card, Skeleton, useNow } from '@/ui/parts';
import { useWidth } from '@/ui/size';
import { FirstAgent } from './empty';
import { lanesOf, type TrialLane } from './lanes';
import { SweepTurns } from './turns';
import { useSweep, useTrials } from './use-sweep';

const BAR = 12;
const AXIS = 22;
const HEAD = 18;
const TRIALS_MAX = 1_500;
const LANES_MAX = 60;

export function SweepTimeline() {
  const { path, found } = useSweep();
  const { trials, waiting } = useTrials(path, found.data);
  if (!found.data) return <Skeleton />;
  const { sweep, agents } = found.data;
  if (sweep.made === 0)
    return (
      <div className="stack">
        <FirstAgent sweep={sweep} />
        <Story sweep={sweep} turns={found.data.turns} />
      </div>
    );
  return (
    <div className="stack">
      <Card
        title="Trials by agent"
        note={
          trials.length > TRIALS_MAX
            ? `the newest ${count(TRIALS_MAX)} of ${count(trials.length)}`
            : 'from being handed out to its end'
        }
      >
        {waiting && trials.length === 0 ? (
          <Skeleton />
        ) : (
          <Lanes sweep={sweep} agents={agents} trials={trials.slice(-TRIALS_MAX)} />
        )}
      </Card>
      <Story sweep={sweep} turns={found.data.turns} />
    </div>
  );
}

function Story({ sweep, turns = [] }: { sweep: SweepView; turns?: TurnView[] }) {
  return (
    <Card title="The sweep itself" note="its status says whether new runs are made">
      <SweepTurns sweep={sweep} turns={turns} />
    </Card>
  );
}

function Lanes({
  sweep,
  agents,
  trials,
}: {
  sweep: SweepView;
  agents: readonly SweepAgentView[];
  trials: readonly TrialView[];
}) {
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const ticking = useNow();
  const open = trials.some((each) => each.stage !== 'ended');
  const last = trials.reduce((most, each) => Math.max(most, each.ended_at ?? 0), 0);
  const until = open ? ticking : last;
  const lanes = useMemo(() => lanesOf(trials, agents, until), [trials, agents, until]);
  const shown = lanes.slice(0, LANES_MAX);
  const from = trials.reduce((least, each) => Math.min(least, each.created_at), until - 1_000);
  const x = (at: number) => 2 + ((at - from) / Math.max(1, until - from)) * (width - 4);
  const heights = shown.map((lane) => HEAD + lane.rows * (BAR + 3) + 6);
  const height = heights.reduce((sum, each) => sum + each, AXIS);
  const go = (trial: TrialView) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: sweep.entity, project: sweep.project, run: trial.run_id },
    });
  let top = 0;
  return (
    <div ref={box} className="sweep-lanes">
      {width > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={`${count(trials.length)} trials of ${lanes.length} agents over ${duration(until - from)}`}
        >
          {[0, 0.25, 0.5, 0.75, 1].map((part) => {
            const at = from + part * (until - from);
            return (
              <g key={part}>
                <path d={`M${x(at)} 0V${height - AXIS}`} stroke="var(--grid)" />
                <text
                  x={x(at)}
                  y={height - 6}
                  className="lane-text"
                  textAnchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}
                >
                  {clock(at, ticking)}
                </text>
              </g>
            );
          })}
          {shown.map((lane, i) => {
            const y = top;
            top += heights[i];
            return <Lane key={lane.agent} lane={lane} y={y} x={x} onOpen={go} />;
          })}
        </svg>
      )}
      {lanes.length > LANES_MAX && (
        <p className="quiet small">{lanes.length - LANES_MAX} more agents are not drawn.</p>
      )}
    </div>
  );
}

function Lane({
  lane,
  y,
  x,
  onOpen,
}: {
  lane: TrialLane;
  y: number;
  x: (at: number) => number;
  onOpen: (trial: TrialView) => void;
}) {
  return (
    <g>
      <text x={2} y={y + 12} className="lane-text strong halo">
        {lane.words}
      </text>
      {lane.bars.map(({ trial, row, to }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the Trials tab lists the same for keys
        <rect
          key={trial.number}
          className={`lane-bar hue-${BADGES[shownState(trial.state, '')].hue} is-${trial.state}`}
          x={x(trial.created_at)}
          y={y + HEAD + row * (BAR + 3)}
          width={Math.max(1.5, x(to) - x(trial.created_at) - 1)}
          height={BAR}
          rx="2"
          onClick={() => onOpen(trial)}
        >
          <title>{`#${trial.number} ${trial.name}: ${trial.sentence || trial.state}; ${duration(to - trial.created_at)}`}</title>
        </rect>
      ))}
    </g>
  );
}
