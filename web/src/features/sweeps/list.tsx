// All sweeps of a project, newest first.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import '@/styles/sweeps.css';
import { sweeps } from '@/data/queries';
import type { SweepView } from '@/data/records';
import { count, number, plural, sentence } from '@/lib/format';
import { STATUS_BADGES, STATUSES } from '@/lib/sweeps';
import type { Search } from '@/lib/view';
import { StateBar } from '@/ui/glyph';
import { Ago, ErrorCard, Skeleton } from '@/ui/parts';
import { SweepBadge } from '@/ui/sweep-badge';
import { FirstSweep } from './empty';
import { methodWords, progress } from './model';
import { useAddress } from './use-sweep';

const SHOWN_MAX = 500;

export function SweepsPage() {
  const { entity = '', project = '' } = useParams({ strict: false });
  const found = useQuery(sweeps(entity, project));
  const { st = '', q = '' } = useSearch({ strict: false }) as Search;
  if (found.error && !found.data) throw found.error;
  const all = found.data ?? [];
  const words = q.toLowerCase();
  const shown = all.filter(
    (each) =>
      (!st || each.status === st) &&
      `${each.name} ${each.id} ${each.user} ${each.metric}`.toLowerCase().includes(words),
  );
  return (
    <div className="page stack sweeps-page">
      <div className="row wrap">
        <h1 className="grow">Sweeps</h1>
        {all.length > 0 && <Find q={q} />}
      </div>
      {found.error && <ErrorCard error={found.error} retry={() => void found.refetch()} />}
      {!found.data && <Skeleton />}
      {found.data && all.length === 0 && <FirstSweep entity={entity} project={project} />}
      {all.length > 0 && (
        <>
          <Facets all={all} chosen={st} />
          <Table sweeps={shown.slice(0, SHOWN_MAX)} />
          <p className="quiet small" role="status">
            {shown.length === all.length
              ? plural(all.length, 'sweep')
              : `${count(shown.length)} of ${plural(all.length, 'sweep')}`}
            {shown.length > SHOWN_MAX && `, the newest ${SHOWN_MAX} shown; type to find others`}
          </p>
        </>
      )}
    </div>
  );
}

function Find({ q }: { q: string }) {
  const put = useAddress();
  return (
    <input
      className="field"
      type="search"
      placeholder="Find by name, id, user, metric"
      aria-label="Find a sweep"
      value={q}
      onChange={(event) => put({ q: event.target.value || undefined }, 'replace')}
    />
  );
}

function Facets({ all, chosen }: { all: readonly SweepView[]; chosen: string }) {
  const put = useAddress();
  return (
    <div className="facets" role="group" aria-label="Statuses of sweeps">
      {STATUSES.map((status) => {
        const n = all.filter((each) => each.status === status).length;
        if (n === 0 && chosen !== status) return null;
        return (
          <button
            key={status}
            type="button"
            className="facet"
            aria-pressed={chosen === status}
            onClick={() => put({ st: chosen === status ? undefined : status })}
          >
            {STATUS_BADGES[status].word} <b>{count(n)}</b>
          </button>
        );
      })}
    </div>
  );
}

function Table({ sweeps: rows }: { sweeps: readonly SweepView[] }) {
  return (
    <div className="scroll-x card" tabIndex={0} role="group" aria-label="Sweeps">
      <table className="plain sweeps-table">
        <thead>
          <tr>
            <th>Sweep</th>
            <th>Status</th>
            <th className="right">Trials</th>
            <th>By state</th>
            <th className="right">Best</th>
            <th className="right">Agents</th>
            <th>Made by</th>
            <th>Created</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <Row key={each.key} sweep={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ sweep }: { sweep: SweepView }) {
  const params = { entity: sweep.entity, project: sweep.project, sweep: sweep.id };
  const { segments, left } = progress(sweep);
  return (
    <tr>
      <td className="any">
        <Link
          className="strong"
          to="/$entity/$project/sweeps/$sweep"
          params={params}
          title={sweep.description || sweep.name}
        >
          {sweep.name || sweep.id}
        </Link>
        <span className="quiet small any">{methodWords(sweep)}</span>
      </td>
      <td>
        <SweepBadge
          status={sweep.status}
          sentence={sweep.sentence}
          inTable
          beating={sweep.agents_live > 0}
        />
        {sweep.status !== 'running' && sweep.status !== 'finished' && (
          <span className="quiet small sweep-why any">{sentence(sweep.sentence)}</span>
        )}
      </td>
      <td className="right" data-label="Trials">
        {count(sweep.made)}
        <span className="quiet">{sweep.planned === null ? '' : ` / ${count(sweep.planned)}`}</span>
      </td>
      <td>
        <StateBar
          states={Object.fromEntries(segments.map((each) => [each.state, each.n]))}
          rest={left ?? 0}
        />
      </td>
      <td className="right" data-label="Best">
        {sweep.best ? (
          <Link
            to="/$entity/$project/runs/$run/overview"
            params={{ entity: sweep.entity, project: sweep.project, run: sweep.best.run }}
            title={`${sweep.metric} of ${sweep.best.name}`}
          >
            {number(sweep.best.value)}
          </Link>
        ) : (
          <span className="quiet">–</span>
        )}
      </td>
      <td className="right" data-label="Agents">
        {sweep.agents_live}
        <span className="quiet"> / {sweep.agents}</span>
      </td>
      <td className="quiet" data-label="Made by">
        {sweep.user || '–'}
      </td>
      <td className="quiet">
        <Ago at={sweep.created_at} />
      </td>
    </tr>
  );
}
