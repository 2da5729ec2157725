// What was said under a metric's key in words: the flags on its chart, in full. Draws none.
import { lazy } from 'react';
import { count } from '@/lib/format';
import type { Said } from './use-texts';

const ObjectValue = lazy(() => import('./object-value'));
const SHOWN_MAX = 100;

export default function Texts({
  name,
  said,
  large,
}: {
  name: string;
  said: Said[];
  large: boolean;
}) {
  const many = new Set(said.map(({ run }) => run.key)).size > 1;
  return (
    <div className="texts" tabIndex={0} role="region" aria-label={`Texts of ${name}`}>
      {said.slice(0, SHOWN_MAX).map((each) => (
        <div key={`${each.run.key} ${each.step}`} className="said">
          <span className="quiet small">
            step {count(each.step)}
            {many && ` · ${each.run.name || each.run.id}`}
          </span>
          <ObjectValue run={each.run} name={name} value={each.value} large={large} />
        </div>
      ))}
      {said.length > SHOWN_MAX && (
        <p className="quiet small">{count(said.length - SHOWN_MAX)} older ones</p>
      )}
    </div>
  );
}
