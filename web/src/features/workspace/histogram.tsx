// One histogram as bars, or as a table of its bins.
import { count, number } from '@/lib/format';
import { AsTable } from '@/ui/as-table';
import type { Histogram } from './objects';

export function HistogramBars({ counts, edges }: Histogram) {
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const span = high - low || 1;
  return (
    <span className="stack histogram">
      <svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="Histogram">
        {counts.map((n, i) => (
          <rect
            key={i}
            x={((edges[i] - low) / span) * 100}
            width={Math.max(0.2, ((edges[i + 1] - edges[i]) / span) * 100)}
            y={40 - (n / most) * 40}
            height={(n / most) * 40}
          />
        ))}
      </svg>
      <span className="row small quiet">
        <span className="grow">{number(low)}</span>
        {number(high)}
      </span>
    </span>
  );
}

export function HistogramTable({ name, counts, edges }: Histogram & { name: string }) {
  const rows = counts.map((n, i) => [number(edges[i]), number(edges[i + 1]), count(n)]);
  const columns = ['From', 'To', 'Count'].map((each) => ({ name: each }));
  return <AsTable name={name} cells={{ columns, rows }} />;
}
