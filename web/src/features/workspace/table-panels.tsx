// Panels over the values of runs: bars, scatter, parallel coordinates. Added by people, kept in the address.
import { useQuery } from '@tanstack/react-query';
import { type Listing, runsFirst } from '@/data/queries';
import type { RunView } from '@/data/records';
import { number, plural } from '@/lib/format';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { Icon } from '@/ui/icons';
import { type PanelKind, WORDS } from './add-panel';
import { Coordinates } from './coordinates';
import { ImportancePanel } from './importance-panel';
import { fieldOf, type Row, short } from './row';
import { Scatter } from './scatter';

const RUNS_MAX = 500;
export interface Panel {
  kind: PanelKind;
  fields: string[];
}

export function parsePanel(text: string): Panel | null {
  const [kind, ...own] = text.split('|');
  return kind in WORDS && own.length > 0 ? { kind: kind as PanelKind, fields: own } : null;
}

export default function TablePanels({
  listing,
  view,
  change,
  onOpen,
  onLit,
}: {
  listing: Listing;
  view: View;
  change: ChangeView;
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
}) {
  const panels = view.panels.map(parsePanel).filter((each) => each !== null);
  if (panels.length === 0) return null;
  return (
    <div className="chart-grid table-panels">
      {panels.map((panel, i) => {
        const remove = () => change({ panels: view.panels.filter((_, n) => n !== i) });
        if (panel.kind === 'importance')
          return (
            <ImportancePanel
              key={view.panels[i]}
              metric={panel.fields[0]}
              listing={listing}
              onRemove={remove}
            />
          );
        return (
          <One
            key={view.panels[i]}
            panel={panel}
            listing={listing}
            onOpen={onOpen}
            onLit={onLit}
            onRemove={remove}
          />
        );
      })}
    </div>
  );
}

function One({
  panel,
  listing,
  onOpen,
  onLit,
  onRemove,
}: {
  panel: Panel;
  listing: Listing;
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
  onRemove: () => void;
}) {
  const found = useQuery(runsFirst({ ...listing, select: panel.fields }, RUNS_MAX));
  const rows: Row[] = (found.data?.runs ?? []).map((run) => ({
    run,
    values: panel.fields.map((field) => fieldOf(run, field)),
  }));
  const whole = rows.filter((row) => row.values.every((value) => value !== null));
  const title = panel.fields.map(short).join(' · ');
  return (
    <article className={`chart-card ${panel.kind === 'coords' ? 'open' : ''}`} aria-label={title}>
      <header>
        <h3 className="cut" title={title}>
          {title}
        </h3>
        <span className="grow" />
        <span className="quiet small">
          {found.data &&
            `${whole.length < found.data.total ? `${whole.length} of ` : ''}${plural(found.data.total, 'run')}`}
        </span>
        <button
          type="button"
          className="button plain icon"
          aria-label={`Remove ${title}`}
          onClick={onRemove}
        >
          <Icon name="close" size={12} />
        </button>
      </header>
      <div className="chart-space">
        {found.data && whole.length === 0 && (
          <p className="quiet small chart-none">No run has all of these.</p>
        )}
        {whole.length > 0 && panel.kind === 'bar' && (
          <Bars rows={whole} onOpen={onOpen} onLit={onLit} />
        )}
        {whole.length > 0 && panel.kind === 'scatter' && (
          <Scatter rows={whole} names={panel.fields.map(short)} onOpen={onOpen} onLit={onLit} />
        )}
        {whole.length > 0 && panel.kind === 'coords' && (
          <Coordinates rows={whole} names={panel.fields.map(short)} onOpen={onOpen} onLit={onLit} />
        )}
      </div>
    </article>
  );
}

const BARS_MAX = 40;

function Bars({
  rows,
  onOpen,
  onLit,
}: {
  rows: Row[];
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
}) {
  const shown = rows.filter((row) => typeof row.values[0] === 'number').slice(0, BARS_MAX);
  const values = shown.map((row) => Number(row.values[0]));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const part = (value: number) => ((value - low) / (high - low || 1)) * 100;
  return (
    <ul className="bars">
      {shown.map(({ run }, i) => (
        <li key={run.key} onMouseEnter={() => onLit(run.key)} onMouseLeave={() => onLit(null)}>
          <button type="button" className="head-button cut" onClick={() => onOpen(run)}>
            {run.name || run.id}
          </button>
          <span className="bar-space">
            <span
              className="bar"
              style={{
                left: `${Math.min(part(0), part(values[i]))}%`,
                width: `${Math.abs(part(values[i]) - part(0))}%`,
              }}
            />
          </span>
          <span className="right">{number(values[i])}</span>
        </li>
      ))}
    </ul>
  );
}
