// Runs by the values of fields: how many, how they stand, and what they reached. Never counts here.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { groups } from '@/data/charts';
import type { Json, RunGroup, Spread } from '@/data/records';
import { count, figure, number } from '@/lib/format';
import { quoted } from '@/lib/query';
import { StateBar } from '@/ui/glyph';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { column } from './model';

export default function Groups({
  entity,
  project,
  by,
  fields,
  filters,
  onOpen,
}: {
  entity: string;
  project: string;
  by: string[];
  /** Values whose mean is told. */
  fields: string[];
  filters: string;
  onOpen: (term: string) => void;
}) {
  const [order, setOrder] = useState('');
  const found = useQuery(groups({ entity, project, filters, by, select: fields }));
  if (found.error) return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  const shown = fields.filter((field) => found.data.groups.some((each) => field in each.fields));
  const rows = sorted(found.data.groups, order);
  const total = found.data.total;
  return (
    <section
      className="groups scroll-x"
      tabIndex={0}
      aria-label="Groups"
      aria-busy={found.isPlaceholderData || undefined}
    >
      <table className="plain">
        <thead>
          <tr>
            {by.map((field) => (
              <th key={field}>{column(field).label}</th>
            ))}
            <Head order={order} field="" onOrder={setOrder} label="Runs" />
            <th className="group-states">By state</th>
            {shown.map((field) => (
              <Head
                key={field}
                order={order}
                field={field}
                onOrder={setOrder}
                label={column(field).label}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((group) => (
            <tr key={JSON.stringify(group.values)}>
              {group.values.map((value, i) => (
                <td key={by[i]}>
                  <button
                    type="button"
                    className="head-button link any"
                    onClick={() => onOpen(group.values.map((v, n) => term(by[n], v)).join(' and '))}
                  >
                    {words(value)}
                  </button>
                  {by[i] === 'group' && typeof value === 'string' && value && (
                    <Link
                      to="/$entity/$project/groups/$group"
                      params={{ entity, project, group: value }}
                      className="link small"
                      style={{
                        display: 'inline-block',
                        minHeight: 24,
                        minWidth: 24,
                        marginLeft: 8,
                      }}
                      aria-label={`Page of group ${value}`}
                    >
                      page
                    </Link>
                  )}
                </td>
              ))}
              <td className="right">{count(group.runs)}</td>
              <td>
                <StateBar states={group.states} />
              </td>
              {shown.map((field) => (
                <Value key={field} spread={group.fields[field]} runs={group.runs} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small">
        {count(rows.length)} groups of {count(total)} runs; values are mean ± deviation.
        {found.data.counted < total && ` The newest ${count(found.data.counted)} were looked at.`}
      </p>
    </section>
  );
}

function Head({
  order,
  field,
  label,
  onOrder,
}: {
  order: string;
  field: string;
  label: string;
  onOrder: (order: string) => void;
}) {
  const down = order === `-${field}`;
  const up = order === `+${field}`;
  return (
    <th className="right" aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button
        type="button"
        className="head-button any"
        onClick={() => onOrder(down ? `+${field}` : `-${field}`)}
      >
        {label}
        {down ? ' ↓' : up ? ' ↑' : ''}
      </button>
    </th>
  );
}

function Value({ spread, runs }: { spread: Spread | undefined; runs: number }) {
  if (!spread) return <td className="right quiet">–</td>;
  const title = `from ${number(spread.min)} to ${number(spread.max)}, ${count(spread.count)} of ${count(runs)} runs`;
  return (
    <td className="right" title={title}>
      {figure(spread.mean)}
      {spread.sd !== null && <span className="quiet"> ± {number(spread.sd, 3)}</span>}
    </td>
  );
}

function sorted(groups: RunGroup[], order: string): RunGroup[] {
  if (!order) return groups;
  const way = order.startsWith('-') ? -1 : 1;
  const field = order.slice(1);
  const value = (group: RunGroup) =>
    field ? (group.fields[field]?.mean ?? Number.POSITIVE_INFINITY * -way) : group.runs;
  return [...groups].sort((a, b) => way * (value(a) - value(b)));
}

/** The filter that finds the runs of a group. */
function term(field: string, value: Json): string {
  if (value === null) return field === 'tags' ? 'tags missing' : `${field} missing`;
  if (field === 'tags')
    return String(value)
      .split(', ')
      .map((tag) => `tags = ${quoted(tag)}`)
      .join(' and ');
  return `${field} = ${quoted(value)}`;
}

function words(value: Json): string {
  return value === null || value === '' ? '(none)' : number(value);
}
