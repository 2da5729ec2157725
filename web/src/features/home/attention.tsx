// What needs a person: to decide now, and what ended badly, by cause. Never invents urgency.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { markSeen, stopRun } from '@/data/actions';
import { attention } from '@/data/queries';
import type { AttentionGroup, AttentionItem, HostView, RunView } from '@/data/records';
import { plural } from '@/lib/format';
import { quoted } from '@/lib/query';
import { BADGES, causeWords, shownState } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { Glyph } from '@/ui/glyph';
import { Ago, Card, ErrorCard, Skeleton } from '@/ui/parts';
import { RunBadge } from '@/ui/run-badge';

const SHOWN_MAX = 4;
const HOSTS_MAX = 500;

export function Attention() {
  const found = useQuery(attention);
  if (found.error && !found.data)
    return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  const { decide, ended, hosts = [] } = found.data;
  const bad = ended.flatMap((each) => each.runs);
  return (
    <>
      <div className="row wrap">
        <h1 className="grow">{heading(decide.length, bad.length)}</h1>
        {bad.length > 0 && (
          <Seen runs={bad} word={bad.length > 1 ? 'Mark all seen' : 'Mark seen'} />
        )}
      </div>
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
        <Card
          title="Ended badly, not yet seen"
          note="the last three days, by cause"
          className="attention-card"
        >
          <ul>
            {ended.map((group) => (
              <Ended key={group.state + group.cause} group={group} />
            ))}
          </ul>
        </Card>
      )}
      {hosts.length > 0 && <Hosts hosts={hosts} />}
    </>
  );
}

/** Takes runs off this person's list; the runs stay as they are. */
function Seen({ runs, word }: { runs: RunView[]; word: string }) {
  const cache = useQueryClient();
  const [fault, setFault] = useState('');
  return (
    <>
      {fault && <span role="alert">{fault}</span>}
      <button
        type="button"
        className="button"
        onClick={() =>
          void markSeen(runs.map((run) => run.key)).then(
            () => cache.invalidateQueries({ queryKey: ['attention'] }),
            (error: Error) => setFault(error.message),
          )
        }
      >
        {word}
      </button>
    </>
  );
}

/** One cell for each host, with the worst that is on it. */
function Hosts({ hosts }: { hosts: HostView[] }) {
  return (
    <Card title="Hosts" note={`${hosts.length}, by the worst on them now or lately`}>
      <ul className="hosts">
        {hosts.slice(0, HOSTS_MAX).map((each) => {
          const shown = shownState(each.state, each.state);
          const { word, hue, loud } = BADGES[shown];
          return (
            <li
              key={each.host}
              className={`host hue-${hue} ${loud ? 'loud' : ''}`}
              title={`${each.host}: ${word}; ${plural(each.runs, 'live run')}`}
            >
              <Glyph state={shown} size={12} />
              <span className="cut">{each.host}</span>
              <span className="unseen">{word}</span>
            </li>
          );
        })}
      </ul>
      {hosts.length > HOSTS_MAX && (
        <p className="quiet small">and {hosts.length - HOSTS_MAX} more</p>
      )}
    </Card>
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
        <Ago at={item.since} />
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
        <Seen runs={group.runs} word="Seen" />
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
