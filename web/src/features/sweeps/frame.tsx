// A sweep's head and tabs. The tabs are pages of their own.
import { Link, Outlet, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import '@/styles/sweeps.css';
import { ApiError } from '@/data/client';
import type { SweepDetail, SweepView } from '@/data/records';
import { compact, plural, sentence } from '@/lib/format';
import type { Search } from '@/lib/view';
import { Ago, At, ErrorCard, Skeleton } from '@/ui/parts';
import { SweepBadge } from '@/ui/sweep-badge';
import { Actions, runsOf } from './actions';
import { methodWords } from './model';
import { useSweep } from './use-sweep';

const GONE = new Set([403, 404, 410]);
const WARNINGS_SHOWN = 4;

export function SweepFrame() {
  const { path, found } = useSweep();
  const gone = found.error instanceof ApiError && GONE.has(found.error.status);
  if (gone && !found.data) throw found.error;
  if (found.error && !found.data)
    return (
      <div className="page">
        <ErrorCard error={found.error} retry={() => void found.refetch()} />
      </div>
    );
  if (!found.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  return (
    <div className="run-page sweep-page">
      {gone && <Gone sweep={found.data.sweep} at={found.data.at} />}
      <Head detail={found.data} gone={gone} />
      <div className="run-body">
        <Outlet key={`${path.entity}/${path.project}/${path.id}`} />
      </div>
    </div>
  );
}

/** Deleted while one looks at it: what was known stays, with its age. */
function Gone({ sweep, at }: { sweep: SweepView; at: number }) {
  return (
    <div className="sweep-note hue-amber" role="alert">
      <span className="grow">
        This sweep was deleted. What is shown is from <At at={at} />; its runs are kept.
      </span>
      <Link
        className="button"
        to="/$entity/$project/runs"
        params={{ entity: sweep.entity, project: sweep.project }}
        search={runsOf(sweep) as never}
      >
        Show its runs
      </Link>
    </div>
  );
}

function Head({ detail, gone }: { detail: SweepDetail; gone: boolean }) {
  const { sweep } = detail;
  return (
    <header className="run-head">
      <div className="row wrap" style={{ alignItems: 'flex-start' }}>
        <h1 className="grow" title={sweep.name}>
          {sweep.name || sweep.id}
        </h1>
        {!gone && <Actions sweep={sweep} />}
      </div>
      <p className="row wrap run-verdict">
        <SweepBadge
          status={sweep.status}
          sentence={sweep.sentence}
          big
          beating={!gone && sweep.agents_live > 0}
        />
        <b className="any">{sentence(sweep.sentence)}</b>
        <span className="quiet">
          {methodWords(sweep)} · {agentWords(sweep)} · made by {sweep.user || 'nobody'},{' '}
          <Ago at={sweep.created_at} />
        </span>
      </p>
      {sweep.description && <Description text={sweep.description} />}
      {sweep.warnings.slice(0, WARNINGS_SHOWN).map((warning) => (
        <p key={warning} className="sweep-note hue-amber any" role="status">
          {warning}
        </p>
      ))}
      <Tabs detail={detail} />
    </header>
  );
}

const LONG = 240;

function Description({ text }: { text: string }) {
  const [whole, show] = useState(false);
  const cut = text.length > LONG && !whole;
  return (
    <p className="quiet-2 any">
      {cut ? `${text.slice(0, LONG)}…` : text}{' '}
      {cut && (
        <button type="button" className="head-button link" onClick={() => show(true)}>
          more
        </button>
      )}
    </p>
  );
}

function agentWords(sweep: SweepView): string {
  if (sweep.agents === 0) return 'no agent yet';
  if (sweep.agents_live === sweep.agents) return plural(sweep.agents, 'agent');
  return `${sweep.agents_live} of ${plural(sweep.agents, 'agent')} live`;
}

const TABS = [
  ['', 'Overview'],
  ['/charts', 'Charts'],
  ['/trials', 'Trials'],
  ['/agents', 'Agents'],
  ['/config', 'Config'],
  ['/timeline', 'Timeline'],
] as const;

function Tabs({ detail }: { detail: SweepDetail }) {
  const { sweep, agents } = detail;
  const { b } = useSearch({ strict: false }) as Search;
  const params = { entity: sweep.entity, project: sweep.project, sweep: sweep.id };
  const n: Record<string, number> = { '/trials': sweep.made, '/agents': agents.length };
  return (
    <nav className="tabs" aria-label="Parts of the sweep">
      {TABS.map(([tab, word]) => (
        <Link
          key={tab}
          to={`/$entity/$project/sweeps/$sweep${tab}`}
          params={params}
          search={(b ? { b } : {}) as never}
          activeProps={{ 'aria-current': 'page' }}
          activeOptions={{ includeSearch: false, exact: true }}
        >
          {word}
          {n[tab] !== undefined && <span className="n">{compact(n[tab])}</span>}
        </Link>
      ))}
    </nav>
  );
}
