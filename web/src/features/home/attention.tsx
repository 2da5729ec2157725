// What needs a person: to decide now, and what ended badly, by cause. Never invents urgency.
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { attention } from '@/data/queries';
import type { Attention as Found, HostView, ReaperView, RunView } from '@/data/records';
import { clock, count, duration, plural, sentence } from '@/lib/format';
import { BADGES, shownState } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { useKeys } from '@/ui/keys';
import { Card, ErrorCard, NotLookedAt, Skeleton, useNow } from '@/ui/parts';
import { SPANS, useCares } from './cares';
import { Decide, Ended, Snoozed } from './rows';
import '@/styles/home.css';

const HOSTS_MAX = 500;
const TOLD_MS = 24 * 3_600_000;
const DOWN_MS_TOLD = 3_000;

export function Attention() {
  const found = useQuery(attention);
  const { decide = [], ended = [], snoozed = [], hosts = [] } = found.data ?? {};
  const cares = useCares();
  const bad = ended.flatMap((each) => each.runs);
  useRowKeys([...decide.map((each) => each.run), ...bad, ...snoozed.map((each) => each.run)], bad);
  if (found.error && !found.data)
    return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  const who = (runs: RunView[]) => holders(found.data, runs);
  return (
    <>
      <div className="row wrap">
        <div className="grow">
          <h1>{heading(decide.length, bad.length)}</h1>
          <Standing found={found.data} />
        </div>
        {bad.length > 0 && (
          <button type="button" className="button" onClick={() => cares.see(bad)}>
            {bad.length > 1 ? 'Mark all seen' : 'Mark seen'}
          </button>
        )}
      </div>
      {found.data.notices?.map((each) => (
        <p key={each.why} className="card notice hue-amber loud" role="alert">
          {sentence(each.why)}.
        </p>
      ))}
      {decide.length > 0 && (
        <Card title="Decide now" note={count(decide.length)} className="attention-card">
          <ul>
            {decide.map((item) => (
              <Decide key={item.run.key} item={item} who={who([item.run])} />
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
              <Ended key={group.state + group.cause} group={group} who={who(group.runs)} />
            ))}
          </ul>
        </Card>
      )}
      {snoozed.length > 0 && (
        <Card title="Snoozed by you" note={count(snoozed.length)} className="attention-card">
          <ul>
            {snoozed.map((item) => (
              <Snoozed key={item.run.key} item={item} />
            ))}
          </ul>
        </Card>
      )}
      {hosts.length > 0 && <Hosts hosts={hosts} />}
    </>
  );
}

/** Moves among the rows, and acts on the one that has the focus. */
function useRowKeys(runs: RunView[], bad: RunView[]) {
  const cares = useCares();
  const router = useRouter();
  const rows = () => [...document.querySelectorAll<HTMLElement>('.attention-row')];
  const here = () => document.activeElement?.closest<HTMLElement>('.attention-row') ?? null;
  const chosen = () => {
    const keys = new Set(here()?.dataset.keys?.split(',').map(Number));
    return runs.filter((run) => keys.has(run.key));
  };
  const move = (by: number) => () => {
    const all = rows();
    const at = all.indexOf(here() as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus();
  };
  const open = () => {
    const [run] = chosen();
    if (run)
      void router.navigate({
        to: '/$entity/$project/runs/$run/overview',
        params: { entity: run.entity, project: run.project, run: run.id },
      });
  };
  const off = (span: (typeof SPANS)[number]) => () => {
    const found = chosen();
    if (found.length > 0) cares.snooze(found, span);
  };
  useKeys([
    { keys: 'j', words: 'Next row', act: move(1) },
    { keys: 'k', words: 'Row before', act: move(-1) },
    { keys: 'Enter', words: 'Open the run', act: open },
    {
      keys: 's',
      words: 'Mark what ended badly as seen',
      act: () => {
        const found = chosen().filter((run) => bad.includes(run));
        if (found.length > 0) cares.see(found);
      },
    },
    { keys: 'z', words: 'Snooze until it changes', act: off(SPANS[2]) },
    { keys: 'h', words: 'Snooze for an hour', act: off(SPANS[0]) },
    { keys: 'd', words: 'Snooze for a day', act: off(SPANS[1]) },
  ]);
}

/** Who looks after these, in one word if it is one person. */
function holders(found: Found, runs: RunView[]): string {
  const names = runs.map((run) => found.assigned?.[String(run.key)]?.user).filter(Boolean);
  return [...new Set(names)].join(', ');
}

function Standing({ found }: { found: Found }) {
  const { well = 0, hosts = [], reaper, not_looked_at: unseen = 0 } = found;
  const busy = hosts.filter((each) => each.runs > 0).length;
  const others = found.decide.length > 0 ? 'other ' : '';
  return (
    <p className="quiet row wrap standing">
      <span>
        {well > 0
          ? `${plural(well, `${others}run`)} ${well === 1 ? 'is' : 'are'} well${busy > 0 ? ` on ${plural(busy, 'host')}` : ''}.`
          : `No ${unseen > 0 ? 'other of these runs is well' : 'other run is live'}.`}
      </span>
      <NotLookedAt runs={unseen} />
      {reaper && <Reaper reaper={reaper} />}
    </p>
  );
}

/** When the server itself was away nobody was judged: that is said for a day. */
function Reaper({ reaper }: { reaper: ReaperView }) {
  const now = useNow();
  const { judges, since, down_ms } = reaper;
  if (!judges)
    return <span>The server started a moment ago and gives every run time to be heard.</span>;
  if (down_ms === null || down_ms < DOWN_MS_TOLD || now - since > TOLD_MS) return null;
  return (
    <span>
      Nothing was judged while the server was down (until {clock(since, now)}, for{' '}
      {duration(down_ms)}).
    </span>
  );
}

/** One cell for each host, with the worst that is on it. */
function Hosts({ hosts }: { hosts: HostView[] }) {
  return (
    <Card title="Hosts" note={`${count(hosts.length)}, by the worst on them now or lately`}>
      <ul className="hosts">
        {hosts.slice(0, HOSTS_MAX).map((each) => {
          const shown = shownState(each.state, each.state);
          const { word, hue, loud } = BADGES[shown];
          return (
            <li key={each.host}>
              <Link
                to="/hosts/$host"
                params={{ host: each.host }}
                className={`host hue-${hue} ${loud ? 'loud' : ''}`}
                title={`${each.host}: ${word}; ${plural(each.runs, 'live run')}`}
              >
                <Glyph state={shown} size={12} />
                <span className="cut">{each.host}</span>
                <span className="unseen">{word}</span>
              </Link>
            </li>
          );
        })}
      </ul>
      {hosts.length > HOSTS_MAX && (
        <p className="quiet small">and {count(hosts.length - HOSTS_MAX)} more</p>
      )}
    </Card>
  );
}

function heading(decide: number, bad: number): string {
  if (decide === 0 && bad === 0) return 'Nothing needs you';
  const parts = [];
  if (decide > 0)
    parts.push(`${plural(decide, 'run')} ${decide === 1 ? 'needs' : 'need'} a decision`);
  if (bad > 0) parts.push(`${decide > 0 ? count(bad) : plural(bad, 'run')} ended badly`);
  return parts.join(', ');
}
