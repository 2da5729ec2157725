// What needs a person: to decide now, and what ended badly, by cause. Never invents urgency.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { stopRun } from '@/data/actions';
import { attention } from '@/data/queries';
import type { AttentionGroup, AttentionItem, RunView } from '@/data/records';
import { plural } from '@/lib/format';
import { quoted } from '@/lib/query';
import { causeWords } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { Ago, Card, ErrorCard, Skeleton } from '@/ui/parts';
import { RunBadge } from '@/ui/run-badge';

const SHOWN_MAX = 4;

export function Attention() {
  const found = useQuery(attention);
  if (found.error && !found.data)
    return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  const { decide, ended } = found.data;
  const bad = ended.reduce((sum, each) => sum + each.runs.length, 0);
  return (
    <>
      <h1>{heading(decide.length, bad)}</h1>
      {decide.length > 0 && (
        <Card title="Decide now" note={decide.length} className="attention-card">
          <ul>
            {decide.map((item) => (
              <Decide key={item.run.key} item={item} />
            ))}
          </ul>
        </Card>
      )}
      {ended.length > 0 && (
        <Card title="Ended badly" note="the last three days, by cause" className="attention-card">
          <ul>
            {ended.map((group) => (
              <Ended key={group.state + group.cause} group={group} />
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function heading(decide: number, bad: number): string {
  if (decide === 0 && bad === 0) return 'Nothing needs you';
  const parts = [];
  if (decide > 0)
    parts.push(`${plural(decide, 'run')} ${decide === 1 ? 'needs' : 'need'} a decision`);
  if (bad > 0) parts.push(`${decide > 0 ? bad : plural(bad, 'run')} ended badly`);
  return parts.join(', ');
}

function RunLink({ run, strong = true }: { run: RunView; strong?: boolean }) {
  return (
    <Link
      to="/$entity/$project/runs/$run/overview"
      params={{ entity: run.entity, project: run.project, run: run.id }}
      className="any"
    >
      {strong ? <b>{run.name || run.id}</b> : run.name || run.id}
    </Link>
  );
}

function Where({ run }: { run: RunView }) {
  return (
    <span className="quiet">
      {' '}
      <Link
        to="/$entity/$project/runs"
        params={{ entity: run.entity, project: run.project }}
        className="any"
      >
        {run.project}
      </Link>
      {run.user && ` · ${run.user}`}
      {run.host && ` · ${run.host}`}
    </span>
  );
}

function Decide({ item }: { item: AttentionItem }) {
  const { run } = item;
  const [asking, ask] = useState(false);
  return (
    <li className="attention-row">
      <span>
        <RunBadge run={run} />
      </span>
      <span>
        <RunLink run={run} />
        <Where run={run} />
        <br />
        <span className="any">{item.why[0]?.toUpperCase() + item.why.slice(1)}</span>
      </span>
      <span className="quiet small">
        since <Ago at={item.since} />
      </span>
      <span className="row wrap">
        <Link
          className="button"
          to="/$entity/$project/runs/$run/logs"
          params={{ entity: run.entity, project: run.project, run: run.id }}
        >
          Logs
        </Link>
        {!run.stop && (
          <button type="button" className="button" onClick={() => ask(true)}>
            Stop…
          </button>
        )}
      </span>
      <Confirm
        open={asking}
        onClose={() => ask(false)}
        title={`Stop ${run.name}?`}
        effect="The process is asked to stop; it saves and ends as Killed. If it does not answer, it stays in this list."
        reason="Reason (kept in the ledger)"
        action="Ask it to stop"
        onDo={(reason) => stopRun({ entity: run.entity, project: run.project, id: run.id }, reason)}
      />
    </li>
  );
}

function Ended({ group }: { group: AttentionGroup }) {
  const [first, ...others] = group.runs;
  const shown = others.slice(0, SHOWN_MAX - 1);
  const sameProject = group.runs.every(
    (run) => run.project === first.project && run.entity === first.entity,
  );
  const place = { entity: first.entity, project: first.project };
  const filter = `state = ${group.state} and cause = ${quoted(group.cause)}`;
  return (
    <li className="attention-row">
      <span>
        <RunBadge run={first} />
      </span>
      <span>
        <RunLink run={first} />
        {shown.map((run) => (
          <span key={run.key}>
            , <RunLink run={run} strong={false} />
          </span>
        ))}
        {others.length > shown.length && <span> and {others.length - shown.length} more</span>}
        <Where run={first} />
        <br />
        <span className="any">
          {others.length > 0 && (
            <>
              {plural(group.runs.length, 'run')}, {causeWords(group.cause) || group.cause}. Newest:{' '}
            </>
          )}
          {first.sentence}
        </span>
      </span>
      <span className="quiet small">
        <Ago at={first.ended_at ?? first.since} />
      </span>
      <span className="row wrap">
        <Link
          className="button"
          to="/$entity/$project/runs/$run/overview"
          params={{ ...place, run: first.id }}
        >
          Why
        </Link>
        {sameProject && others.length > 0 && (
          <>
            <Link
              className="button"
              to="/$entity/$project/compare"
              params={place}
              search={
                {
                  runs: group.runs
                    .slice(0, 10)
                    .map((run) => run.id)
                    .join(','),
                } as never
              }
            >
              Compare {Math.min(10, group.runs.length)}
            </Link>
            <Link
              className="button"
              to="/$entity/$project/runs"
              params={place}
              search={{ f: filter } as never}
            >
              All
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
