// Which settings say most about a metric, as the server found it. Never computes it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { importance } from '@/data/charts';
import type { Listing } from '@/data/queries';
import type { FieldImportance } from '@/data/records';
import type { Cells } from '@/lib/cells';
import { count, number, plural } from '@/lib/format';
import { AsTable } from '@/ui/as-table';
import { Icon } from '@/ui/icons';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { TableButton } from '@/ui/table-button';
import { short } from './row';

const FEW_RUNS = 30;
const SHOWN_MAX = 30;

export function ImportancePanel({
  metric,
  listing,
  onRemove,
}: {
  metric: string;
  listing: Listing;
  onRemove: () => void;
}) {
  const { entity, project, filters } = listing;
  const found = useQuery(importance({ entity, project, filters, metric }));
  const title = `What moves ${short(metric)}`;
  const [plain, setPlain] = useState(false);
  return (
    <article className="chart-card" aria-label={title}>
      <header>
        <h3 className="cut" title={metric}>
          {title}
        </h3>
        <span className="grow" />
        <span className="quiet small">
          {found.data &&
            (found.data.runs < found.data.total
              ? `${count(found.data.runs)} of ${plural(found.data.total, 'run')}`
              : plural(found.data.total, 'run'))}
        </span>
        {found.data && found.data.fields.length > 0 && (
          <TableButton name={title} on={plain} onChange={setPlain} />
        )}
        <button
          type="button"
          className="button plain icon"
          aria-label={`Remove ${title}`}
          onClick={onRemove}
        >
          <Icon name="close" size={12} />
        </button>
      </header>
      <div className="chart-space" tabIndex={0} role="group" aria-label={title}>
        {found.error ? (
          <ErrorCard error={found.error} retry={() => void found.refetch()} />
        ) : !found.data ? (
          <Skeleton />
        ) : found.data.fields.length === 0 ? (
          <p className="quiet small chart-none">
            {found.data.runs < 4
              ? `${plural(found.data.runs, 'run')} with this metric; at least 4 are needed.`
              : 'No setting differs between these runs.'}
          </p>
        ) : plain ? (
          <AsTable name={title} cells={cellsOf(found.data.fields)} />
        ) : (
          <>
            <ul className="importance">
              <li className="quiet small">
                <span>Setting</span>
                <span>Importance</span>
                <span>Correlation</span>
              </li>
              {found.data.fields.slice(0, SHOWN_MAX).map((each) => (
                <li key={each.field} title={`${each.field}: ${plural(each.values, 'value')}`}>
                  <code className="cut">{each.field.replace(/^config\./, '')}</code>
                  <Bar value={each.importance} />
                  {each.correlation === null ? (
                    <span className="quiet small">words</span>
                  ) : (
                    <Bar value={each.correlation} signed />
                  )}
                </li>
              ))}
            </ul>
            {found.data.runs < FEW_RUNS && (
              <p className="quiet small importance-note">
                Only {plural(found.data.runs, 'run')}: read this as a hint.
              </p>
            )}
          </>
        )}
      </div>
    </article>
  );
}

function cellsOf(fields: readonly FieldImportance[]): Cells {
  const words = ['Importance', 'Correlation', 'Values'].map((name) => ({ name }));
  return {
    columns: [{ name: 'Setting', words: true }, ...words],
    rows: fields.map((each) => [
      each.field.replace(/^config\./, ''),
      number(each.importance, 3),
      each.correlation === null ? null : number(each.correlation, 3),
      count(each.values),
    ]),
  };
}

/** From the left for parts of a whole, from the middle for what may be negative. */
function Bar({ value, signed = false }: { value: number; signed?: boolean }) {
  const size = Math.min(1, Math.abs(value)) * (signed ? 50 : 100);
  const left = signed ? (value < 0 ? 50 - size : 50) : 0;
  return (
    <span className="row" style={{ gap: 6 }}>
      <span className="bar-space grow">
        <span
          className={`bar ${signed && value < 0 ? 'against' : ''}`}
          style={{ left: `${left}%`, width: `${size}%` }}
        />
      </span>
      <span className="small right" style={{ width: 34 }}>
        {number(value, 2)}
      </span>
    </span>
  );
}
