// Ready-made charts of the `wandb` client, drawn by ours. Never fetches their table.
import { useMemo, useState } from 'react';
import type { ChartModel, Range } from '@/draw/line';
import { count, number } from '@/lib/format';
import { SERIES } from '@/lib/palette';
import { BarRows } from './bar-rows';
import { ChartView, Together } from './chart-view';
import { Dots } from './dots';
import { HistogramBars } from './histogram';
import type { Preset } from './presets';

export default function PresetChart({
  name,
  found,
  large,
}: {
  name: string;
  found: Preset;
  large: boolean;
}) {
  return (
    <div className={`preset ${large ? 'large' : ''}`}>
      {found.title && <p className="quiet small any">{found.title}</p>}
      <Drawn name={name} found={found} large={large} />
    </div>
  );
}

function Drawn({ name, found, large }: { name: string; found: Preset; large: boolean }) {
  switch (found.kind) {
    case 'lines':
      return <Lines name={name} found={found} />;
    case 'scatter':
      return (
        <Dots
          dots={found.points.map(([x, y], key) => ({
            key,
            x,
            y,
            look: 'plain',
            title: `${found.x} ${number(x)}\n${found.y} ${number(y)}`,
          }))}
          names={[found.x, found.y]}
          label={`${found.y} over ${found.x}, ${count(found.points.length)} points`}
          height={large ? 380 : 150}
        />
      );
    case 'bars':
      return (
        <BarRows
          rows={found.bars.map(([label, value], key) => ({
            key,
            label: (
              <span className="cut" title={label}>
                {label}
              </span>
            ),
            value,
          }))}
        />
      );
    case 'histogram':
      return <HistogramBars counts={found.counts} edges={found.edges} />;
    case 'matrix':
      return <Matrix name={name} names={found.names} counts={found.counts} />;
  }
}

function Lines({ name, found }: { name: string; found: Extract<Preset, { kind: 'lines' }> }) {
  const [zoom, setZoom] = useState<Range | null>(null);
  const together = useMemo(() => new Together(), []);
  const model = useMemo<ChartModel>(() => ({ ...modelOf(found), zoom }), [found, zoom]);
  return (
    <>
      <ChartView
        model={model}
        lit={null}
        together={together}
        onZoom={setZoom}
        onHover={() => undefined}
        label={`${name}: ${found.y} over ${found.x}, ${found.lines.length} lines`}
      />
      <p className="small row wrap preset-names">
        {model.lines.toReversed().map((line) => (
          <span key={line.id} className="row">
            <i className="swatch" style={{ background: `var(${line.token})` }} /> {line.label}
          </span>
        ))}
        <span className="grow" />
        <span className="quiet">{found.x}</span>
      </p>
    </>
  );
}

function modelOf({ lines }: Extract<Preset, { kind: 'lines' }>): ChartModel {
  const none = new Float64Array();
  const drawn = lines.map(({ name, points }, i) => ({
    id: String(i),
    label: name,
    token: `--series-${i % SERIES}`,
    dash: i < SERIES ? [] : [6, 3],
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
    raw: null,
    low: null,
    high: null,
    odd: none,
    nanCount: 0,
    infCount: 0,
    points: points.length,
    end: null,
  }));
  return {
    lines: drawn.toReversed(),
    x: 'number',
    xLog: false,
    yLog: false,
    band: false,
    zoom: null,
    limits: [],
  };
}

function Matrix({ name, names, counts }: { name: string; names: string[]; counts: number[][] }) {
  return (
    <table className="matrix">
      <caption className="unseen">{name}: actual by row, predicted by column</caption>
      <thead>
        <tr>
          <td className="quiet small">actual ↓ predicted →</td>
          {names.map((each) => (
            <th key={each} scope="col" className="any small">
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {counts.map((row, i) => {
          const total = row.reduce((sum, n) => sum + n, 0) || 1;
          return (
            <tr key={names[i]}>
              <th scope="row" className="any small">
                {names[i]}
              </th>
              {row.map((n, k) => (
                <td
                  key={names[k]}
                  title={`${names[i]} seen as ${names[k]}: ${count(n)}, ${number((100 * n) / total, 3)} %`}
                  style={{ '--part': `${Math.round((90 * n) / total)}%` } as React.CSSProperties}
                >
                  {number(n)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
