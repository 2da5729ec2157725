// The workspace: runs on the left, their charts on the right, one view over both.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { fields, runsByKey, runsFirst } from '@/data/queries';
import type { RunView } from '@/data/records';
import { listingOf, RunList } from '@/features/runs/list';
import { usePinned } from '@/features/runs/use-runs';
import { useTaken } from '@/features/runs/use-taken';
import { Panels } from '@/features/workspace/panels';
import { count } from '@/lib/format';
import { inks } from '@/lib/palette';
import { filterText } from '@/lib/query';
import type { View } from '@/lib/view';
import { useView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';
import { useStoredFlag, useStoredNumber } from '@/ui/stored';

// Few views have panels besides lines.
const AddPanel = lazy(() => import('@/features/workspace/add-panel'));
const TablePanels = lazy(() => import('@/features/workspace/table-panels'));

const FIRST_DRAWN = 10;
const DRAWN_MAX = 200;
const SETTINGS_MAX = 200;
const LIST_FIRST = 632;
const LIST_MIN = 320;
const CHARTS_MIN = 320;
/** Dragged narrower than this, the list closes. */
const LIST_CLOSES = 200;

interface ToDraw {
  runs: RunView[];
  total: number;
  /** All that match are drawn, and are too many for lines. */
  crowd: boolean;
}

/** The runs that are drawn: those chosen, all that match, else the first of the table. */
function useDrawn(entity: string, project: string, view: View): ToDraw {
  const listing = listingOf(entity, project, view, []);
  const all = view.drawn === 'all';
  const first = useQuery(runsFirst(listing, all ? DRAWN_MAX : FIRST_DRAWN));
  const known = new Map(first.data?.runs.map((run) => [run.key, run]));
  const asked = Array.isArray(view.drawn) ? view.drawn.slice(0, DRAWN_MAX) : null;
  const others = useQuery(runsByKey((asked ?? []).filter((key) => !known.has(key))));
  for (const run of (asked && others.data) || []) known.set(run.key, run);
  const chosen = asked ? asked.flatMap((key) => known.get(key) ?? []) : (first.data?.runs ?? []);
  const top = usePinned(listing, view.pinned).found?.map((each) => each.run) ?? [];
  const above = new Set(top.map((run) => run.key));
  const runs = [...top, ...chosen.filter((run) => !above.has(run.key))];
  const total = first.data?.total ?? 0;
  return {
    runs: runs.filter((run) => run.entity === entity && run.project === project),
    total,
    crowd: all && total > DRAWN_MAX,
  };
}

export function WorkspacePage() {
  const { entity = '', project = '' } = useParams({ strict: false });
  return <Workspace key={`${entity}/${project}`} entity={entity} project={project} />;
}

function Workspace({ entity, project }: { entity: string; project: string }) {
  const [view, change] = useView();
  const navigate = useNavigate();
  // The charts follow a filter once it is taken, and stay while it is refused.
  const { view: held } = useTaken(entity, project, view);
  const { runs, total, crowd } = useDrawn(entity, project, held);
  const filters = filterText(held.query, held.states);
  const joined = useMemo(() => ({ entity, project, filters }), [entity, project, filters]);
  const known = useQuery(fields(entity, project, 'config.', SETTINGS_MAX));
  const settings = useMemo(
    () => (known.data ?? []).filter((field) => field.startsWith('config.')),
    [known.data],
  );
  const [lit, light] = useState<number | null>(null);
  const [side, setSide] = useState<'runs' | 'charts'>('runs');
  const [width, setWidth] = useStoredNumber('list.width', LIST_FIRST);
  const [closed, close] = useStoredFlag('list.closed', false);
  const shown = runs.map((run) => run.key).join(',');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same runs have the same dots
  const dots = useMemo(() => {
    // In a crowd no line is of one run.
    if (crowd) return new Map();
    const found = inks(runs.map((run) => String(run.key)));
    return new Map(
      runs.map((run) => {
        const ink = found.get(String(run.key));
        return [run.key, { token: `--series-${ink?.hue ?? 0}`, dash: (ink?.dash.length ?? 0) > 0 }];
      }),
    );
  }, [shown, crowd]);
  const toggle = useCallback(
    (run: RunView) => {
      if (crowd) return;
      const keys = runs.map((each) => each.key);
      change({
        drawn: keys.includes(run.key) ? keys.filter((key) => key !== run.key) : [...keys, run.key],
      });
    },
    [runs, crowd, change],
  );
  const open = (run: RunView) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: run.entity, project: run.project, run: run.id },
    });
  const hover = useCallback((run: RunView | null) => light(run?.key ?? null), []);
  return (
    <div
      className={`workspace side-${side} ${closed ? 'closed' : ''}`}
      style={{ '--list': `${width}px` } as React.CSSProperties}
    >
      <h1 className="unseen">Workspace of {project}</h1>
      <div className="segmented only-narrow side-switch" role="group" aria-label="Runs or charts">
        <button
          type="button"
          className="grow"
          aria-pressed={side === 'runs'}
          onClick={() => setSide('runs')}
        >
          Runs
        </button>
        <button
          type="button"
          className="grow"
          aria-pressed={side === 'charts'}
          onClick={() => setSide('charts')}
        >
          Charts
        </button>
      </div>
      <RunList
        entity={entity}
        project={project}
        view={view}
        change={change}
        wide={false}
        dots={dots}
        onDot={toggle}
        onHover={hover}
        lit={lit}
        foot={
          <DrawnOf
            drawn={runs.length}
            total={total}
            crowd={crowd}
            view={view}
            onDrawn={(drawn) => change({ drawn })}
          />
        }
      />
      <Divider width={width} closed={closed} onChange={setWidth} onClose={close} />
      <Panels
        runs={runs}
        view={view}
        change={change}
        lit={lit}
        onLit={light}
        listing={joined}
        crowd={crowd}
        settings={settings}
        aside={
          <Suspense fallback={null}>
            <AddPanel entity={entity} project={project} view={view} change={change} />
          </Suspense>
        }
      >
        {total > runs.length && !view.drawn && !view.join && (
          <p className="quiet small">
            {runs.length} of {count(total)} runs drawn; the dots in the table choose which, or{' '}
            <button
              type="button"
              className="head-button link"
              onClick={() => change({ drawn: 'all' })}
            >
              draw all
            </button>
            .
          </p>
        )}
        {view.panels.length > 0 && (
          <Suspense fallback={<Skeleton />}>
            <TablePanels
              listing={listingOf(entity, project, held, [])}
              view={view}
              change={change}
              onOpen={open}
              onLit={light}
            />
          </Suspense>
        )}
      </Panels>
    </div>
  );
}

/** How many runs are drawn, and other choices of them. */
function DrawnOf({
  drawn,
  total,
  crowd,
  view,
  onDrawn,
}: {
  drawn: number;
  total: number;
  crowd: boolean;
  view: View;
  onDrawn: (drawn: View['drawn']) => void;
}) {
  const asked = Array.isArray(view.drawn) ? view.drawn.length : drawn;
  return (
    <span>
      {view.join
        ? `joined by ${view.join}`
        : crowd
          ? 'all drawn, as density'
          : `${drawn < asked ? `${drawn} of ${asked}` : drawn} drawn`}
      {view.drawn && (
        <>
          {' '}
          ·{' '}
          <button type="button" className="head-button link" onClick={() => onDrawn(null)}>
            the first {FIRST_DRAWN}
          </button>
        </>
      )}
      {view.drawn !== 'all' && !view.join && total > drawn && (
        <>
          {' '}
          ·{' '}
          <button type="button" className="head-button link" onClick={() => onDrawn('all')}>
            all {count(total)}
          </button>
        </>
      )}
    </span>
  );
}

/** Between the list and the charts: dragged, moved by arrow keys, closed and opened by Enter. */
function Divider({
  width,
  closed,
  onChange,
  onClose,
}: {
  width: number;
  closed: boolean;
  onChange: (width: number) => void;
  onClose: (closed: boolean) => void;
}) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const [most, setMost] = useState(() => innerWidth - CHARTS_MIN);
  const to = (next: number) => {
    setMost(innerWidth - CHARTS_MIN);
    onClose(next < LIST_CLOSES);
    if (next >= LIST_CLOSES)
      onChange(Math.round(Math.max(LIST_MIN, Math.min(next, innerWidth - CHARTS_MIN))));
  };
  return (
    <div className="divider">
      <div
        className="divider-line"
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the list"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={closed ? 0 : width}
        tabIndex={0}
        title="Drag to size the list, double-click for its first size"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { x: event.clientX, width: closed ? 0 : width };
        }}
        onPointerMove={(event) =>
          from.current && to(from.current.width + event.clientX - from.current.x)
        }
        onPointerUp={() => {
          from.current = null;
        }}
        onDoubleClick={() => to(LIST_FIRST)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') to(width - 20);
          else if (event.key === 'ArrowRight') to(closed ? LIST_MIN : width + 20);
          else if (event.key === 'Enter') onClose(!closed);
          else return;
          event.preventDefault();
        }}
      />
      <button
        type="button"
        className="divider-button"
        aria-label={closed ? 'Open the list of runs' : 'Close the list of runs'}
        title={closed ? 'Open the list of runs' : 'Close the list of runs'}
        aria-expanded={!closed}
        onClick={() => onClose(!closed)}
      >
        {closed ? '›' : '‹'}
      </button>
    </div>
  );
}
