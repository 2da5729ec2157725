// A run at a glance: state first, why, its timeline; details, config and words at the side.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ledger, server } from '@/data/queries';
import type { RunView } from '@/data/records';
import { clientNote } from '@/lib/clients';
import { duration, number, plural } from '@/lib/format';
import { HostLink } from '@/ui/host-link';
import { Ago, At, Card, Pairs, Skeleton } from '@/ui/parts';
import { RunBadge } from '@/ui/run-badge';
import { StateLane } from './lane';
import { Ledger } from './ledger';
import { flat } from './model';
import { useRun } from './path';
import { Ranks } from './ranks';
import { Summary } from './summary';
import { Values } from './values';
import { WhyCard } from './why';
import { TagsAndNotes } from './words';

const LEDGER_SHOWN = 12;

export function RunOverview() {
  const { path, found } = useRun();
  const told = useQuery(ledger(path));
  if (!found.data) return <Skeleton />;
  const { run, writers } = found.data;
  const entries = told.data ?? [];
  return (
    <div className="overview">
      <div className="stack">
        <WhyCard run={run} ledger={entries} path={path} />
        <Card
          title="State timeline"
          note={`${plural(entries.length, 'entry', 'entries')}${(run.attempt ?? 0) > 1 ? `, ${run.attempt} attempts` : ''}`}
        >
          {entries.length > 0 ? (
            <>
              <StateLane run={run} ledger={entries} path={path} />
              <Ledger entries={entries} most={LEDGER_SHOWN} />
            </>
          ) : (
            <Skeleton />
          )}
        </Card>
        <Summary path={path} />
      </div>
      <div className="stack">
        <Card title="Details">
          <Details run={run} />
        </Card>
        {writers.length > 0 && (writers.length > 1 || writers[0].rank !== null) && (
          <Ranks writers={writers} />
        )}
        <Values title="Config" values={run.config ?? {}} />
        <TagsAndNotes run={run} />
      </div>
    </div>
  );
}

function words(value: unknown): string {
  return Array.isArray(value)
    ? value.join(' ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

const MACHINE: Record<string, string> = {
  'machine.cpu_count': 'CPUs',
  'machine.memory_bytes': 'Memory',
  'machine.gpu_count': 'GPUs',
};

function Details({ run }: { run: RunView }) {
  const house = useQuery(server);
  const env = Object.fromEntries(flat(run.environment ?? {}));
  const place = { entity: run.entity, project: run.project };
  const mono = (value: unknown) => <code>{words(value)}</code>;
  const rows: [string, React.ReactNode][] = [
    ['State', <RunBadge key="s" run={run} />],
    [
      'Since',
      <>
        <At key="a" at={run.since} />{' '}
        <span key="b" className="quiet">
          (<Ago at={run.since} />)
        </span>
      </>,
    ],
    ['Last heard', run.heard_at ? <At key="h" at={run.heard_at} /> : '–'],
    [
      'Runtime',
      `${duration(run.duration_ms)}${(run.attempt ?? 0) > 1 ? ` over ${run.attempt} attempts` : ''}`,
    ],
    ...(run.world_size && (run.ranks ?? 0) < run.world_size
      ? [['Ranks', `${run.ranks} of ${run.world_size} have opened this run`] as [string, string]]
      : []),
    ['Started', run.started_at ? <At key="t" at={run.started_at} /> : 'not yet'],
    [
      'Last step',
      (run.last_step ?? -1) >= 0 ? (
        <>
          {number(run.last_step)}{' '}
          {run.progress_at && (
            <span className="quiet">
              (<Ago at={run.progress_at} />)
            </span>
          )}
        </>
      ) : (
        '–'
      ),
    ],
    ['Owner', run.user || '–'],
    ['Run path', mono(`${run.entity}/${run.project}/${run.id}`)],
  ];
  if (run.group)
    rows.push([
      'Group',
      <Link
        key="g"
        className="link"
        to="/$entity/$project/groups/$group"
        params={{ ...place, group: run.group }}
      >
        {run.group}
      </Link>,
    ]);
  if (run.job_type) rows.push(['Job type', run.job_type]);
  if (run.sweep)
    rows.push([
      'Sweep',
      <Link
        key="w"
        className="link"
        to="/$entity/$project/sweeps/$sweep"
        params={{ ...place, sweep: run.sweep }}
      >
        {run.sweep}
      </Link>,
    ]);
  if (run.host) rows.push(['Host', <HostLink key="o" host={run.host} />]);
  if (env.command) rows.push(['Command', mono(env.command)]);
  if (env.directory) rows.push(['Directory', mono(env.directory)]);
  if (env['git.commit'])
    rows.push([
      'Git',
      mono(
        `${String(env['git.commit']).slice(0, 10)}${env['git.branch'] ? ` (${env['git.branch']}${env['git.dirty'] ? ', with changes' : ''})` : ''}`,
      ),
    ]);
  if (env.python) rows.push(['Python', `${env.python}${env.os ? ` · ${env.os}` : ''}`]);
  for (const [key, value] of Object.entries(env)) {
    if (/^(machine|gpu|slurm|kubernetes|ray|torchrun|scheduler)/i.test(key))
      rows.push([
        MACHINE[key] ?? key.replace(/^machine\./, '').replaceAll('_', ' '),
        /bytes/.test(key) ? `${(Number(value) / 2 ** 30).toFixed(1)} GiB` : words(value),
      ]);
  }
  const note = clientNote(run.client ?? '', house.data?.version ?? '');
  if (run.not_stored)
    rows.push([
      'Not stored',
      <b key="n">{`${run.not_stored.replace(/^./, (c) => c.toUpperCase())}.`}</b>,
    ]);
  rows.push([
    'Client',
    <>
      {run.client || '–'}
      {note && <span className="quiet"> ({note})</span>}
    </>,
  ]);
  return <Pairs items={rows} />;
}
