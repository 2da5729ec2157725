// All charts of the drawn runs, a section for each first part of a key. Mounts what is seen.
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { sharedKeys } from '@/data/charts';
import type { RunView } from '@/data/records';
import type { Range } from '@/draw/line';
import { inks } from '@/lib/palette';
import type { OwnSettings, View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { ChartCard } from './card';
import { Together } from './chart-view';
import { type Section, sections } from './model';
import { Toolbar } from './toolbar';
import { breaksOf, isTime, marksOf, useAttempts } from './use-attempts';
import type { Drawn } from './use-lines';

const ObjectCard = lazy(() => import('./object-card'));
const ASKED_FOR_KEYS_MAX = 200;
const FIRST_SHOWN = 24;
const MORE_SHOWN = 48;
const UNFOLDED_CARDS_MAX = 240;

export interface PanelsProps {
  runs: readonly RunView[];
  view: View;
  change: ChangeView;
  system?: boolean;
  lit?: number | null;
  onLit?: (run: number | null) => void;
  /** Dashed reference lines by key. */
  limits?: (key: string) => { y: number; label: string }[];
  /** Which runs charts are joined over, where they can be. */
  listing?: Drawn['joined'];
  /** All that match are drawn, and they are too many for lines. */
  crowd?: boolean;
  /** Where runs are joined, each is drawn too. */
  beside?: boolean;
  /** Fields of the configuration that charts can be joined by. */
  settings?: readonly string[];
  /** Panels that are not lines, above the sections. */
  children?: ReactNode;
  aside?: ReactNode;
}

const NO_LIMITS: { y: number; label: string }[] = [];
const NO_FIELDS: readonly string[] = [];

export function Panels({
  runs,
  view,
  change,
  system = false,
  lit = null,
  onLit,
  limits,
  listing,
  crowd = false,
  beside = false,
  settings = NO_FIELDS,
  children,
  aside,
}: PanelsProps) {
  const together = useMemo(() => new Together(), []);
  const asked = { runs: runs.slice(0, ASKED_FOR_KEYS_MAX).map((run) => run.key), system };
  const answer = useQuery(sharedKeys(asked));
  const known = useMemo(() => new Map(answer.data?.map((each) => [each.key, each])), [answer.data]);
  const said = [...known.keys()].join('\n');
  const keys = useMemo(() => (said ? said.split('\n') : []), [said]);
  const kinds = useMemo(
    () =>
      new Map(
        [...known].map(([key, { kind, media }]) => [
          key,
          kind === 'number' ? 'number' : media || 'text',
        ]),
      ),
    [known],
  );
  const numbers = useMemo(() => keys.filter((key) => kinds.get(key) === 'number'), [keys, kinds]);
  const found = useMemo(
    () => sections(keys, view.find, (key) => kinds.get(key) === 'number'),
    [keys, view.find, kinds],
  );
  const dense = crowd && view.join === '';
  const joined = listing !== undefined && (dense || view.join !== '') ? listing : null;
  const timed = isTime(view.x) && !joined;
  const tries = useAttempts(runs, timed);
  const identity = runs.map((run) => `${run.key}:${run.state}`).join(',');
  const over = joined && `${joined.entity}/${joined.project}/${joined.filters}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the runs as far as lines depend on them
  const drawn = useMemo<Drawn>(() => {
    const [first, ...others] = runs;
    return {
      runs,
      inks: inks(runs.map((run) => String(run.key))),
      joined,
      crowd: dense,
      beside,
      breaks: timed ? breaksOf(runs, tries, view.x) : undefined,
      marks:
        timed && first && others.length === 0
          ? marksOf(first, tries.get(first.key) ?? [], view.x)
          : undefined,
    };
  }, [identity, over, dense, beside, timed, view.x, tries]);
  const zoom = useCallback(
    (range: Range | null) => change({ zoom: range && [tidy(range[0]), tidy(range[1])] }),
    [change],
  );
  const told = useCallback(
    (id: string | null) => onLit?.(id === null || Number.isNaN(Number(id)) ? null : Number(id)),
    [onLit],
  );
  const open = useCallback(
    (key: string) => change({ open: view.open === key ? '' : key }),
    [change, view.open],
  );
  const own = useCallback(
    (key: string, settings: OwnSettings) => change({ own: { ...view.own, [key]: settings } }),
    [change, view.own],
  );
  const waiting = answer.isPending && runs.length > 0;
  const card = (key: string) => {
    const kind = kinds.get(key) ?? 'number';
    if (kind !== 'number')
      return (
        <Suspense key={key} fallback={<article className="chart-card" aria-label={key} />}>
          <ObjectCard
            name={key}
            kind={kind}
            runs={runs}
            open={view.open === key}
            onOpen={() => open(key)}
          />
        </Suspense>
      );
    return lineCard(key);
  };
  const lineCard = (key: string) => (
    <ChartCard
      key={key}
      name={key}
      texts={known.get(key)?.objects ?? 0}
      drawn={drawn}
      view={view}
      system={system}
      together={together}
      lit={lit === null ? null : String(lit)}
      limits={limits?.(key) ?? NO_LIMITS}
      open={view.open === key}
      onOpen={open}
      onZoom={zoom}
      onLit={told}
      onOwn={own}
    />
  );
  return (
    <section className="panels" aria-label="Charts">
      <div className="row panels-head">
        <div className="grow">
          <Toolbar
            view={view}
            change={change}
            keys={system ? [] : numbers}
            joinable={!system && listing !== undefined}
            settings={settings}
          />
        </div>
        {aside}
      </div>
      <div className="panels-body">
        {children}
        {answer.error && <ErrorCard error={answer.error} retry={() => void answer.refetch()} />}
        {waiting && keys.length === 0 && <Skeleton />}
        {answer.isSuccess && keys.length === 0 && runs.length > 0 && (
          <p className="quiet" style={{ padding: '12px 0' }}>
            {system
              ? 'No system metrics were measured.'
              : 'The shown runs logged nothing yet. Charts appear here with the first point.'}
          </p>
        )}
        {keys.length > 0 && found.length === 0 && (
          <p className="quiet">
            No chart matches <code>{view.find}</code>.
          </p>
        )}
        {unfolded(found).map(([section, open]) => (
          <Charts
            key={`${section.name} ${open}`}
            section={section}
            card={card}
            open={view.open}
            unfolded={open}
          />
        ))}
      </div>
    </section>
  );
}

/** Short in the address. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Sections, open from the top as long as the page stays light; thousands of keys open on demand. */
function unfolded(all: readonly Section[]): [Section, boolean][] {
  let cards = 0;
  return all.map((section) => {
    const open = !section.folded && cards < UNFOLDED_CARDS_MAX;
    cards += Math.min(section.keys.length, FIRST_SHOWN);
    return [section, open];
  });
}

function Charts({
  section,
  card,
  open,
  unfolded,
}: {
  section: Section;
  card: (key: string) => ReactNode;
  open: string;
  unfolded: boolean;
}) {
  const [closed, close] = useState(!unfolded && !section.keys.includes(open));
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
