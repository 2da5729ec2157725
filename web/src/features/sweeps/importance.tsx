// Which parameters matter, as the server weighs them, with how far that can be trusted.
import { useQuery } from '@tanstack/react-query';
import { importance, type SweepPath } from '@/data/queries';
import type { ParameterShare, SweepView } from '@/data/records';
import { number, plural } from '@/lib/format';
import { Card, ErrorCard, Skeleton } from '@/ui/parts';
import { sense } from './model';

const SHOWN_MAX = 12;
const SURE_TRIALS = 50;

export function ImportanceCard({ sweep, path }: { sweep: SweepView; path: SweepPath }) {
  const found = useQuery({ ...importance(path), enabled: sweep.metric !== '' });
  const { data } = found;
  const rows = [...(data?.parameters ?? [])].sort((a, b) => b.importance - a.importance);
  return (
    <Card
      title="Importance"
      note={
        data && data.parameters.length > 0 ? `random forest, ${plural(data.trials, 'trial')}` : ''
      }
    >
      {!sweep.metric && <p className="quiet">Without a metric nothing can be weighed.</p>}
      {sweep.metric && found.error && !data && (
        <ErrorCard error={found.error} retry={() => void found.refetch()} />
      )}
      {sweep.metric && !data && !found.error && <Skeleton />}
      {data && (
        <>
          {rows.length > 0 && <Bars rows={rows.slice(0, SHOWN_MAX)} toward={sense(sweep)} />}
          {rows.length > SHOWN_MAX && (
            <p className="quiet small">{rows.length - SHOWN_MAX} that matter less are left out.</p>
          )}
          {data.warning && <p className="quiet small any">{data.warning}</p>}
          {!data.warning && data.trials < SURE_TRIALS && (
            <p className="quiet small">Uncertain under about {SURE_TRIALS} trials.</p>
          )}
          {rows.some((each) => falling(each, sense(sweep))) && (
            <p className="quiet small">Hatched: a smaller value of the parameter is better.</p>
          )}
        </>
      )}
    </Card>
  );
}

function Bars({ rows, toward }: { rows: readonly ParameterShare[]; toward: number }) {
  const most = Math.max(0.01, ...rows.map((each) => each.importance));
  return (
    <table className="weights">
      <thead>
        <tr>
          <th>Parameter</th>
          <th>Share of what is explained</th>
          <th className="right">Share</th>
          <th className="right" title="Correlation of the parameter with the metric">
            Corr.
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((each) => {
          const falls = falling(each, toward);
          return (
            <tr key={each.name}>
              <td>
                <code className="cut" title={each.name}>
                  {each.name}
                </code>
              </td>
              <td>
                <span className="bar-space">
                  <span
                    className={`share ${falls ? 'hatched' : ''}`}
                    style={{ width: `${(each.importance / most) * 100}%` }}
                  />
                </span>
              </td>
              <td className="right">{each.importance.toFixed(2)}</td>
              <td className="right quiet">{correlation(each.correlation)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function falling(each: ParameterShare, toward: number): boolean {
  return each.correlation !== null && each.correlation * toward < 0;
}

function correlation(value: number | null): string {
  if (value === null) return '–';
  const text = number(Math.abs(value) < 0.005 ? 0 : value, 2);
  return value > 0.005 ? `+${text}` : text;
}
