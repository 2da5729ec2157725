// Panels over the values of runs: bars, scatter, parallel coordinates. Added by people, kept in the address.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Listing, runsFirst } from '@/data/queries';
import type { RunView } from '@/data/records';
import type { Cells } from '@/lib/cells';
import { count, number, plural } from '@/lib/format';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { AsTable } from '@/ui/as-table';
import { Icon } from '@/ui/icons';
import { TableButton } from '@/ui/table-button';
import { BarRows } from './bar-rows';
import { Coordinates } from './coordinates';
import { ImportancePanel } from './importance-panel';
import { type PanelKind, WORDS } from './panel-kinds';
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
  const [plain, setPlain] = useState(false);
  const drawn = whole.length > 0 && !plain;
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
        {whole.length > 0 && <TableButton name={title} on={plain} onChange={setPlain} />}
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
        {plain && <AsTable name={title} cells={cellsOf(whole, panel.fields.map(short))} />}
        {drawn && panel.kind === 'bar' && <Bars rows={whole} onOpen={onOpen} onLit={onLit} />}
        {drawn && panel.kind === 'scatter' && (
          <Scatter rows={whole} names={panel.fields.map(short)} onOpen={onOpen} onLit={onLit} />
        )}
        {drawn && panel.kind === 'coords' && (
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
  const numbers = rows.filter((row) => typeof row.values[0] === 'number');
  return (
    <>
      <BarRows
        rows={numbers.slice(0, BARS_MAX).map(({ run, values }) => ({
          key: run.key,
          label: (
            <button type="button" className="head-button cut" onClick={() => onOpen(run)}>
              {run.name || run.id}
            </button>
          ),
          value: Number(values[0]),
          onEnter: () => onLit(run.key),
          onLeave: () => onLit(null),
        }))}
      />
      {numbers.length > BARS_MAX && (
        <p className="quiet small importance-note">
          The first {BARS_MAX} of {count(numbers.length)}; the table has all.
        </p>
      )}
    </>
  );
}

/** The runs with the values of the panel. */
function cellsOf(rows: readonly Row[], names: readonly string[]): Cells {
  const words = names.map((_, i) => rows.some((row) => typeof row.values[i] === 'string'));
  return {
    columns: [
      { name: 'Run', words: true },
      ...names.map((name, i) => ({ name, words: words[i] })),
      { name: 'State', words: true },
    ],
    rows: rows.map(({ run, values }) => [
      run.name || run.id,
      ...values.map((value) => number(value, 6)),
      run.state,
    ]),
  };
}
