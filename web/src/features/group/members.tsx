// The members one by one: state and cause, host, what they were set to and what they reached.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { GroupPath } from '@/data/places';
import type { RunView } from '@/data/records';
import { count, duration, figure, setting } from '@/lib/format';
import { quoted } from '@/lib/query';
import { HostLink } from '@/ui/host-link';
import { Card, useNow } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { RunLink } from '@/ui/run-link';
import { shown, type Values, worse } from './model';

export interface MembersProps {
  path: GroupPath;
  runs: readonly RunView[];
  total: number;
  /** When they were told. */
  at: number;
  settings: readonly string[];
  configs: Values;
  metrics: readonly string[];
  summaries: Values;
  onHover: (run: RunView | null) => void;
}

export function Members(props: MembersProps) {
  const { runs, total, settings, metrics } = props;
  const [order, setOrder] = useState('+state');
  const ranked = runs.some((run) => (run.ranks ?? 0) > 1);
  const rows = sorted(props, order);
  const head = (field: string, label: string, right = false) => (
    <Head key={field} field={field} label={label} right={right} order={order} onOrder={setOrder} />
  );
  return (
    <Card
      title="Members"
      note={
        total > runs.length ? `the newest ${count(runs.length)} of ${count(total)}` : count(total)
      }
      aside={total > runs.length && <AllRuns path={props.path} total={total} />}
    >
      <div className="members" tabIndex={0} role="group" aria-label="Members">
        <table className="plain place-table">
          <thead>
            <tr>
              {head('name', 'Member')}
              {head('state', 'State and cause')}
              {head('host', 'Host')}
              {ranked && <th>Ranks</th>}
              {head('ran', 'Heard / ran', true)}
              {settings.map((field) => head(`c:${field}`, field, true))}
              {metrics.map((field) => head(`s:${field}`, field, true))}
            </tr>
          </thead>
          <tbody onMouseLeave={() => props.onHover(null)}>
            {rows.map((run) => (
              <Member key={run.key} run={run} ranked={ranked} {...props} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** The table of runs has room for all of them. */
function AllRuns({ path, total }: { path: GroupPath; total: number }) {
  return (
    <Link
      className="link small"
      to="/$entity/$project/runs"
      params={{ entity: path.entity, project: path.project }}
      search={{ f: `group = ${quoted(path.group)}` } as never}
    >
      All {count(total)} in Runs
    </Link>
  );
}

function Member({
  run,
  ranked,
  at,
  settings,
  configs,
  metrics,
  summaries,
  onHover,
}: MembersProps & { run: RunView; ranked: boolean }) {
  const config = configs.get(run.key) ?? {};
  const summary = summaries.get(run.key) ?? {};
  return (
    <tr onMouseEnter={() => onHover(run)}>
      <td>
        <RunLink run={run} />
      </td>
      <td>
        <span className="row">
          <RunBadge run={run} inTable /> <CauseWords run={run} />
        </span>
      </td>
      <td>{run.host ? <HostLink host={run.host} /> : <span className="quiet">–</span>}</td>
      {ranked && <td className="quiet">{ranksWords(run)}</td>}
      <td className="right quiet">
        {run.silent_ms === null || run.silent_ms === undefined ? (
          duration(run.duration_ms)
        ) : (
          <Heard silent={run.silent_ms} at={at} />
        )}
      </td>
      {settings.map((field) => (
        <td key={field} className="right">
          {field in config ? setting(config[field]) : '–'}
        </td>
      ))}
      {metrics.map((field) => (
        <td key={field} className="right">
          {figure(summary[field])}
        </td>
      ))}
    </tr>
  );
}

function Heard({ silent, at }: { silent: number; at: number }) {
  const now = useNow();
  return <>{duration(silent + Math.max(0, now - at))} ago</>;
}

function ranksWords(run: RunView): string {
  if ((run.ranks ?? 0) < 2) return '–';
  return run.ranks_live ? `${run.ranks_live} of ${run.ranks}` : String(run.ranks);
}

function Head({
  field,
  label,
  right,
  order,
  onOrder,
}: {
  field: string;
  label: string;
  right: boolean;
  order: string;
  onOrder: (order: string) => void;
}) {
  const up = order === `+${field}`;
  const down = order === `-${field}`;
  return (
    <th
      className={right ? 'right' : undefined}
      aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}
    >
      <button
        type="button"
        className="head-button"
        onClick={() => onOrder(up ? `-${field}` : `+${field}`)}
      >
        {label}
        {up ? ' ↑' : down ? ' ↓' : ''}
      </button>
    </th>
  );
}

function sorted(props: MembersProps, order: string): RunView[] {
  const way = order.startsWith('-') ? -1 : 1;
  const field = order.slice(1);
  const value = (run: RunView): unknown => {
    if (field === 'host') return run.host;
    if (field === 'ran') return run.duration_ms;
    if (field.startsWith('c:')) return props.configs.get(run.key)?.[field.slice(2)];
    if (field.startsWith('s:')) return props.summaries.get(run.key)?.[field.slice(2)];
    return run.name || run.id;
  };
  const byName = (a: RunView, b: RunView) => compared(a.name || a.id, b.name || b.id);
  const by = (a: RunView, b: RunView) =>
    field === 'state' ? way * worse(shown(a), shown(b)) : compared(value(a), value(b), way);
  return [...props.runs].sort((a, b) => by(a, b) || byName(a, b));
}

/** What is missing comes last, whichever way. */
function compared(a: unknown, b: unknown, way = 1): number {
  const [none, other] = [a, b].map((each) => each === undefined || each === null || each === '');
  if (none || other) return Number(none) - Number(other);
  if (typeof a === 'number' && typeof b === 'number') return way * (a - b);
  return way * String(a).localeCompare(String(b), 'en', { numeric: true });
}
