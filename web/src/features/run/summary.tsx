// What a run reached: its metrics over all their points, and what else its summary says.
import { useQuery } from '@tanstack/react-query';
import { keys, type RunPath } from '@/data/queries';
import type { Json, KeyView } from '@/data/records';
import { count, notFinite, number, plural } from '@/lib/format';
import { Card } from '@/ui/parts';
import { flat, internal } from './model';
import { useRun } from './path';
import { Folded } from './values';

const SUMMARY_MAX = 200;

export function Summary({ path }: { path: RunPath }) {
  const found = useQuery(keys(path, false));
  const { found: told } = useRun();
  if (!found.data) return null;
  const known = new Set(found.data.map((each) => each.key));
  // Of what is logged as a picture or a table the summary holds only where it lies.
  const summary = told.data?.run.summary ?? {};
  const others = flat(
    Object.fromEntries(Object.entries(summary).filter(([key]) => !known.has(key))),
  ).filter(([key]) => !known.has(key));
  const metrics = found.data.filter((each) => !internal(each.key));
  const plain = others.filter(([key]) => !internal(key));
  const folded = known.size + others.length - metrics.length - plain.length;
  return (
    <Card title="Summary" note={`${plural(metrics.length, 'metric')}, over all their points`}>
      {metrics.length + plain.length === 0 ? (
        <p className="quiet">Nothing was logged yet.</p>
      ) : (
        <Metrics metrics={metrics} others={plain} />
      )}
      {metrics.length > SUMMARY_MAX && (
        <p className="quiet small">{metrics.length - SUMMARY_MAX} more are under Charts.</p>
      )}
      {folded > 0 && (
        <Folded keys={folded}>
          <Metrics
            metrics={found.data.filter((each) => internal(each.key))}
            others={others.filter(([key]) => internal(key))}
          />
        </Folded>
      )}
    </Card>
  );
}

function Metrics({ metrics, others }: { metrics: KeyView[]; others: [string, Json][] }) {
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label="Metrics">
      <table className="plain numbers">
        <thead>
          <tr>
            <th>Metric</th>
            <th className="right">Last</th>
            <th className="right">Smallest</th>
            <th className="right">Largest</th>
            <th className="right">At step</th>
            <th className="right">Points</th>
          </tr>
        </thead>
        <tbody>
          {metrics.slice(0, SUMMARY_MAX).map((each) => (
            <Metric key={each.key} metric={each} />
          ))}
          {others.map(([key, value]) => (
            <tr key={key}>
              <td className="any">{key}</td>
              <td className="right any" colSpan={5}>
                {number(value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Metric({ metric }: { metric: KeyView }) {
  const odd = notFinite(metric.nan_count ?? 0, metric.inf_count ?? 0);
  const isNumber = metric.kind === 'number';
  return (
    <tr>
      <td className="any">
        {metric.key}
        {odd && <span className="nan-flag">{odd}</span>}
      </td>
      {isNumber ? (
        <>
          <td className="right">{number(metric.last ?? (metric.nan_count ? Number.NaN : null))}</td>
          <td className="right">{number(metric.min)}</td>
          <td className="right">{number(metric.max)}</td>
        </>
      ) : (
        <td className="right quiet" colSpan={3}>
          {(metric.media || 'text').split(/[/-]/)[0]}
        </td>
      )}
      <td className="right quiet">{number(metric.last_step)}</td>
      <td className="right quiet">{count(metric.count ?? 0)}</td>
    </tr>
  );
}
