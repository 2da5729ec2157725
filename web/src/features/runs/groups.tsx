// Runs by the values of a field: how many, and how they stand. Never counts in the browser.
import { useQueries, useQuery } from '@tanstack/react-query';
import { runsFirst, values } from '@/data/queries';
import type { Json } from '@/data/records';
import { count, number } from '@/lib/format';
import { quoted } from '@/lib/query';
import { StateBar } from '@/ui/glyph';
import { ErrorCard, Skeleton } from '@/ui/parts';

const GROUPS_MAX = 100;

export function Groups({
  entity,
  project,
  field,
  filters,
  onOpen,
}: {
  entity: string;
  project: string;
  field: string;
  filters: string;
  onOpen: (term: string) => void;
}) {
  const found = useQuery(values(entity, project, field, GROUPS_MAX));
  const terms = (found.data ?? []).map(([value]) =>
    value === null ? `${field} missing` : `${field} = ${quoted(value)}`,
  );
  const answers = useQueries({
    queries: terms.map((term) =>
      runsFirst(
        {
          entity,
          project,
          filters: [filters, term].filter(Boolean).join(' and '),
          order: '',
          select: [],
        },
        0,
      ),
    ),
  });
  if (found.error) return <ErrorCard error={found.error} />;
  if (!found.data) return <Skeleton />;
  return (
    <div className="scroll-x" style={{ padding: '0 16px 16px', overflow: 'auto' }}>
      <table className="plain">
        <thead>
          <tr>
            <th>{field}</th>
            <th className="right">Runs</th>
            <th style={{ width: '40%' }}>By state</th>
          </tr>
        </thead>
        <tbody>
          {found.data.map(([value], i) => {
            const answer = answers[i]?.data;
            if (answer?.total === 0) return null;
            return (
              <tr key={terms[i]}>
                <td>
                  <button
                    type="button"
                    className="head-button link any"
                    onClick={() => onOpen(terms[i])}
                  >
                    {words(value)}
                  </button>
                </td>
                <td className="right">{answer ? count(answer.total) : '…'}</td>
                <td>
                  <StateBar states={answer?.states ?? {}} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {found.data.length >= GROUPS_MAX && (
        <p className="quiet small">The {GROUPS_MAX} commonest values are shown.</p>
      )}
    </div>
  );
}

function words(value: Json): string {
  return value === null || value === '' ? '(none)' : number(value);
}
