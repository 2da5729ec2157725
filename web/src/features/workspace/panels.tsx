// All charts of the drawn runs, a section for each first part of a key. Mounts what is seen.
import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { keys as keysQuery } from '@/data/queries';
import type { RunView } from '@/data/records';
import type { Range } from '@/draw/line';
import { inks } from '@/lib/palette';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';
import { ChartCard } from './card';
import { Together } from './chart-view';
import { type Section, sections } from './model';
import { Toolbar } from './toolbar';
import type { Drawn } from './use-lines';

const ASKED_FOR_KEYS_MAX = 12;
const FIRST_SHOWN = 24;
const MORE_SHOWN = 48;

export interface PanelsProps {
  runs: readonly RunView[];
  view: View;
  change: ChangeView;
  system?: boolean;
  lit?: number | null;
  onLit?: (run: number | null) => void;
  /** Dashed reference lines by key. */
  limits?: (key: string) => { y: number; label: string }[];
  /** Panels that are not lines, above the sections. */
  children?: ReactNode;
  aside?: ReactNode;
}

const NO_LIMITS: { y: number; label: string }[] = [];

export function Panels({
  runs,
  view,
  change,
  system = false,
  lit = null,
  onLit,
  limits,
  children,
  aside,
}: PanelsProps) {
  const together = useMemo(() => new Together(), []);
  const answers = useQueries({
    queries: runs
      .slice(0, ASKED_FOR_KEYS_MAX)
      .map((run) => keysQuery({ entity: run.entity, project: run.project, id: run.id }, system)),
  });
  const names = [
    ...new Set(
      answers.flatMap(
        (each) =>
          each.data
            ?.filter((key) => key.kind === 'number' || key.kind === undefined)
            .map((key) => key.key) ?? [],
      ),
    ),
  ].join('\n');
  const keys = useMemo(() => (names ? names.split('\n') : []), [names]);
  const found = useMemo(() => sections(keys, view.find), [keys, view.find]);
  const identity = runs
    .map((run) => `${run.key}:${run.state}:${view.join ? joinValue(run, view.join) : ''}`)
    .join(',');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the runs as far as lines depend on them
  const drawn = useMemo<Drawn>(
    () => ({
      runs,
      inks: inks(runs.map((run) => String(run.key))),
      groupOf: view.join ? (run) => joinValue(run, view.join) : null,
    }),
    [identity, view.join],
  );
  const zoom = useCallback(
    (range: Range | null) => change({ zoom: range && [tidy(range[0]), tidy(range[1])] }),
    [change],
  );
  const told = useCallback(
    (id: string | null) => onLit?.(id === null ? null : Number(id)),
    [onLit],
  );
  const open = useCallback(
    (key: string) => change({ open: view.open === key ? '' : key }),
    [change, view.open],
  );
  const waiting = answers.some((each) => each.isPending);
  const card = (key: string) => (
    <ChartCard
      key={key}
      name={key}
      drawn={drawn}
      view={view}
      system={system}
      together={together}
      lit={lit === null ? null : String(lit)}
      limits={limits?.(key) ?? NO_LIMITS}
      open={view.open === key}
      onOpen={() => open(key)}
      onZoom={zoom}
      onLit={told}
    />
  );
  return (
    <section className="panels" aria-label="Charts">
      <div className="row panels-head">
        <div className="grow">
          <Toolbar
            view={view}
            change={change}
            keys={system ? [] : keys}
            joinable={!system && runs.length > 1}
          />
        </div>
        {aside}
      </div>
      <div className="panels-body">
        {children}
        {waiting && keys.length === 0 && <Skeleton />}
        {!waiting && keys.length === 0 && runs.length > 0 && (
          <p className="quiet" style={{ padding: '12px 0' }}>
            {system
              ? 'No system metrics were measured.'
              : 'The shown runs logged no numbers yet. Charts appear here with the first point.'}
          </p>
        )}
        {keys.length > 0 && found.length === 0 && (
          <p className="quiet">
            No chart matches <code>{view.find}</code>.
          </p>
        )}
        {found.map((section) => (
          <Charts key={section.name} section={section} card={card} open={view.open} />
        ))}
      </div>
    </section>
  );
}

function joinValue(run: RunView, field: string): string {
  if (field.startsWith('config.')) return String(run.config?.[field.slice(7)] ?? '–');
  const value = (run as unknown as Record<string, unknown>)[field];
  return Array.isArray(value) ? value.join(', ') || '–' : String(value || '–');
}

/** Short in the address. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

function Charts({
  section,
  card,
  open,
}: {
  section: Section;
  card: (key: string) => ReactNode;
  open: string;
}) {
  const [closed, close] = useState(false);
  const [shown, show] = useState(FIRST_SHOWN);
  const keys = section.keys.filter((key, i) => i < shown || key === open);
  return (
    <section className="chart-section">
      <h2>
        <button
          type="button"
          className="head-button"
          aria-expanded={!closed}
          onClick={() => close(!closed)}
        >
          <span className="any">{section.name}</span>{' '}
          <span className="quiet" style={{ fontWeight: 400 }}>
            {section.keys.length}
          </span>
        </button>
      </h2>
      {!closed && <div className="chart-grid">{keys.map(card)}</div>}
      {!closed && section.keys.length > shown && (
        <button type="button" className="button" onClick={() => show(shown + MORE_SHOWN)}>
          {section.keys.length - shown} more charts
        </button>
      )}
    </section>
  );
}
