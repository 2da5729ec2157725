// Panels over the values of runs: bars, scatter, parallel coordinates. Added by people, kept in the address.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { fields, type Listing, runsFirst } from '@/data/queries';
import type { RunView } from '@/data/records';
import { number, plural } from '@/lib/format';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { Dialog } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { Coordinates } from './coordinates';
import { ImportancePanel } from './importance-panel';
import { fieldOf, type Row, short } from './row';
import { Scatter } from './scatter';

const RUNS_MAX = 500;
export type PanelKind = 'bar' | 'scatter' | 'coords' | 'importance';
const WORDS: Record<PanelKind, string> = {
  bar: 'Bars',
  scatter: 'Scatter',
  coords: 'Parallel coordinates',
  importance: 'Importance',
};

export interface Panel {
  kind: PanelKind;
  fields: string[];
}

export function parsePanel(text: string): Panel | null {
  const [kind, ...own] = text.split('|');
  return kind in WORDS && own.length > 0 ? { kind: kind as PanelKind, fields: own } : null;
}

export function TablePanels({
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

export function AddPanel({
  entity,
  project,
  view,
  change,
}: {
  entity: string;
  project: string;
  view: View;
  change: ChangeView;
}) {
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<PanelKind>('scatter');
  const [chosen, choose] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const found = useQuery({ ...fields(entity, project, typed, 80), enabled: open });
  const single = kind === 'bar' || kind === 'importance';
  const need = single ? 1 : 2;
  const add = (event: FormEvent) => {
    event.preventDefault();
    change({ panels: [...view.panels, [kind, ...chosen].join('|')] });
    setOpen(false);
    choose([]);
  };
  const toggle = (field: string) =>
    choose((now) =>
      now.includes(field)
        ? now.filter((each) => each !== field)
        : single
          ? [field]
          : kind === 'scatter'
            ? [...now, field].slice(-2)
            : [...now, field],
    );
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Icon name="plus" size={13} /> Panel
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Add a panel">
        <form onSubmit={add}>
          <div className="body">
            <div className="segmented" role="group" aria-label="Kind">
              {(Object.keys(WORDS) as PanelKind[]).map((each) => (
                <button
                  key={each}
                  type="button"
                  className="grow"
                  aria-pressed={kind === each}
                  onClick={() => {
                    setKind(each);
                    choose([]);
                  }}
                >
                  {WORDS[each]}
                </button>
              ))}
            </div>
            <p className="quiet">
              {kind === 'bar'
                ? 'One value for each run, in the order of the table.'
                : kind === 'scatter'
                  ? 'Two fields: x, then y.'
                  : kind === 'importance'
                    ? 'One metric: which settings say most about its last value.'
                    : 'Two or more fields; the last one colours the lines.'}{' '}
              Lines for every metric are there already.
            </p>
            <p className="row wrap">
              {chosen.map((field) => (
                <span key={field} className="tag">
                  {field}
                </span>
              ))}
            </p>
            <input
              className="field"
              placeholder="Find a field"
              aria-label="Find a field"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <ul className="field-list">
              {found.data?.map((field) => (
                <li key={field}>
                  <label className="row">
                    <input
                      type="checkbox"
                      checked={chosen.includes(field)}
                      onChange={() => toggle(field)}
                    />
                    <span className="cut">{field}</span>
                  </label>
                </li>
              ))}
            </ul>
          </div>
          <footer>
            <button type="button" className="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button type="submit" className="button primary" disabled={chosen.length < need}>
              Add
            </button>
          </footer>
        </form>
      </Dialog>
    </>
  );
}
