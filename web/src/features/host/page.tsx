// One host: what runs on it, what ended there, what fell silent together. Never judges.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { host as hostQuery } from '@/data/places';
import type { HostDetail, HostRun, Json, Silence } from '@/data/records';
import { ago, bytes, count, duration, plural, sentence } from '@/lib/format';
import { shownState } from '@/lib/states';
import { Badge } from '@/ui/glyph';
import { Ago, At, Card, NotLookedAt, Skeleton, useNow } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { RunLink } from '@/ui/run-link';

export function HostPage({
  host,
  charts,
}: {
  host: string;
  charts: (runs: HostRun[]) => ReactNode;
}) {
  const found = useQuery(hostQuery(host));
  if (found.error && !found.data) throw found.error;
  if (!found.data || found.data.host !== host)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  const { live, lately, ended, silences, at, not_looked_at = 0 } = found.data;
  return (
    <div className="page stack">
      <Head found={found.data} />
      {silences.map((each) => (
        <Together key={`${each.at} ${each.runs.join()}`} silence={each} found={found.data} />
      ))}
      <Card title="Running here now" note={live.length > 0 ? count(live.length) : undefined}>
        {live.length > 0 ? (
          <Runs host={host} runs={live} at={at} />
        ) : (
          <p className="quiet">Nothing of yours runs here now.</p>
        )}
        <NotLookedAt runs={not_looked_at} />
      </Card>
      {lately.length > 0 && (
        <Card
          title="Ended here"
          note={
            ended > lately.length
              ? `the newest ${count(lately.length)} of ${count(ended)}`
              : count(ended)
          }
        >
          <Runs host={host} runs={lately} at={at} />
        </Card>
      )}
      {charts(live)}
    </div>
  );
}

function Head({ found }: { found: HostDetail & { at: number } }) {
  const now = useNow();
  const { host, live, machine, state, heard_at: heard } = found;
  const quietest = live.map((each) => each.silent_ms).filter((each) => each !== null);
  const least = Math.min(...quietest) + Math.max(0, now - found.at);
  const last = quietest.length > 0 ? duration(least) : heard ? ago(heard, now) : '';
  const parts = [
    live.length > 0 ? plural(live.length, 'live run') : 'no live run',
    last && `last heard ${last.replace(/ ago$/, '')} ago`,
    ...machineWords(machine),
  ];
  return (
    <header className="stack" style={{ gap: 6 }}>
      <h1 className="any">{host}</h1>
      <p className="row wrap">
        {state === 'finished' ? (
          <b>Idle</b>
        ) : (
          <Badge state={shownState(state, state)} big title="The worst, now or in three days" />
        )}
        <span className="quiet any">{parts.filter(Boolean).join(' · ')}</span>
      </p>
    </header>
  );
}

function machineWords(machine: Record<string, Json>): string[] {
  const { cpu_count, memory_bytes, gpus } = (machine.machine ?? {}) as Record<string, Json>;
  return [
    typeof cpu_count === 'number' ? `${cpu_count} CPUs` : '',
    typeof memory_bytes === 'number' ? bytes(memory_bytes) : '',
    Array.isArray(gpus) && gpus.length > 0 ? plural(gpus.length, 'GPU') : '',
    typeof machine.os === 'string' ? machine.os : '',
  ];
}

/** That several runs were last heard at once says more than each of them. */
function Together({ silence, found }: { silence: Silence; found: HostDetail }) {
  const all = new Map([...found.live, ...found.lately].map(({ run }) => [run.key, run]));
  const shown = silence.runs.flatMap((key) => all.get(key) ?? []);
  return (
    <p className="host-silence hue-crashed any">
      <b>{sentence(silence.sentence)}.</b> At <At at={silence.at} />:{' '}
      {shown.map((run, i) => (
        <span key={run.key}>
          {i > 0 && ', '}
          <RunLink run={run} className="link any" />
        </span>
      ))}
      {shown.length < silence.runs.length && ` and ${silence.runs.length - shown.length} more`}
    </p>
  );
}

function Runs({ host, runs, at }: { host: string; runs: HostRun[]; at: number }) {
  const ranked = runs.some((each) => each.ranks.length > 0 || (each.run.ranks ?? 0) > 1);
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label={`Runs on ${host}`}>
      <table className="plain place-table">
        <thead>
          <tr>
            <th>Run</th>
            <th>State and cause</th>
            <th>Project</th>
            <th>Owner</th>
            {ranked && <th>Ranks here</th>}
            <th>Heard from here</th>
            <th className="right">Ran</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((each) => (
            <tr key={each.run.key}>
              <td>
                <RunLink run={each.run} />
              </td>
              <td>
                <span className="row">
                  <RunBadge run={each.run} inTable /> <CauseWords run={each.run} />
                </span>
              </td>
              <td>
                <Link
                  to="/$entity/$project/runs"
                  params={{ entity: each.run.entity, project: each.run.project }}
                  className="any"
                >
                  {each.run.project}
                </Link>
              </td>
              <td className="quiet">{each.run.user || '–'}</td>
              {ranked && <td className="quiet">{ranksHere(each)}</td>}
              <td className="quiet">
                <Heard each={each} at={at} />
              </td>
              <td className="right">{duration(each.run.duration_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heard({ each, at }: { each: HostRun; at: number }) {
  const now = useNow();
  if (each.silent_ms === null) return <Ago at={each.heard_at} />;
  return <>{duration(each.silent_ms + Math.max(0, now - at))} ago</>;
}

/** `0, 1 of 8; 1 live`: which of its ranks are here. */
function ranksHere(each: HostRun): string {
  const of = each.run.ranks ?? each.writers;
  const names = each.ranks.length > 0 ? runsOf(each.ranks) : String(each.writers);
  const live = each.writers_live > 0 && each.writers_live < each.writers;
  return `${names} of ${of}${live ? `; ${each.writers_live} live` : ''}`;
}

/** 0–3, 6: neighbours in one. */
function runsOf(ranks: readonly number[]): string {
  const found: [number, number][] = [];
  for (const rank of [...ranks].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && rank <= last[1] + 1) last[1] = rank;
    else found.push([rank, rank]);
  }
  return found.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(', ');
}
