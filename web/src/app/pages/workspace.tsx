// The workspace: runs on the left, their charts on the right, one view over both.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { fields, runByKey, runsFirst } from '@/data/queries';
import type { RunView } from '@/data/records';
import { listingOf, RunList } from '@/features/runs/list';
import { AddPanel } from '@/features/workspace/add-panel';
import { Panels } from '@/features/workspace/panels';
import { count } from '@/lib/format';
import { inks } from '@/lib/palette';
import { filterText } from '@/lib/query';
import type { View } from '@/lib/view';
import { useView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';
import { useStoredNumber } from '@/ui/stored';

// Few views have panels besides lines.
const TablePanels = lazy(() => import('@/features/workspace/table-panels'));

const FIRST_DRAWN = 10;
const DRAWN_MAX = 200;
const SETTINGS_MAX = 200;
const LIST_MIN = 320;

/** The runs that are drawn: those chosen, else the first of the table. */
function useDrawn(entity: string, project: string, view: View): { runs: RunView[]; total: number } {
  const listing = listingOf(entity, project, view, []);
  const first = useQuery(runsFirst(listing, FIRST_DRAWN));
  const known = new Map(first.data?.runs.map((run) => [run.key, run]));
  const asked = view.drawn?.slice(0, DRAWN_MAX) ?? null;
  const others = useQueries({
    queries: (asked ?? []).filter((key) => !known.has(key)).map(runByKey),
  });
  for (const each of others) if (each.data) known.set(each.data.key, each.data);
  const runs = asked ? asked.flatMap((key) => known.get(key) ?? []) : (first.data?.runs ?? []);
  return {
    runs: runs.filter((run) => run.entity === entity && run.project === project),
    total: first.data?.total ?? 0,
  };
}

export function WorkspacePage() {
  const { entity = '', project = '' } = useParams({ strict: false });
  return <Workspace key={`${entity}/${project}`} entity={entity} project={project} />;
}

function Workspace({ entity, project }: { entity: string; project: string }) {
  const [view, change] = useView();
  const navigate = useNavigate();
  const { runs, total } = useDrawn(entity, project, view);
  const filters = filterText(view.query, view.states);
  const joined = useMemo(() => ({ entity, project, filters }), [entity, project, filters]);
  const known = useQuery(fields(entity, project, 'config.', SETTINGS_MAX));
  const settings = useMemo(
    () => (known.data ?? []).filter((field) => field.startsWith('config.')),
    [known.data],
  );
  const [lit, light] = useState<number | null>(null);
  const [side, setSide] = useState<'runs' | 'charts'>('runs');
  const [width, setWidth] = useStoredNumber('list.width', 632);
  const shown = runs.map((run) => run.key).join(',');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same runs have the same dots
  const dots = useMemo(() => {
    const found = inks(runs.map((run) => String(run.key)));
    return new Map(
      runs.map((run) => {
        const ink = found.get(String(run.key));
        return [run.key, { token: `--series-${ink?.hue ?? 0}`, dash: (ink?.dash.length ?? 0) > 0 }];
      }),
    );
  }, [shown]);
  const toggle = useCallback(
    (run: RunView) => {
      const keys = runs.map((each) => each.key);
      change({
        drawn: keys.includes(run.key) ? keys.filter((key) => key !== run.key) : [...keys, run.key],
      });
    },
    [runs, change],
  );
  const open = (run: RunView) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: run.entity, project: run.project, run: run.id },
    });
  const hover = useCallback((run: RunView | null) => light(run?.key ?? null), []);
  return (
    <div
      className={`workspace side-${side}`}
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
          <span>
            {view.join ? `joined by ${view.join}` : `${runs.length} drawn`}
            {view.drawn && (
              <>
                {' '}
                ·{' '}
                <button
                  type="button"
                  className="head-button link"
                  onClick={() => change({ drawn: null })}
                >
                  the first {FIRST_DRAWN}
                </button>
              </>
            )}
          </span>
        }
      />
      <Divider width={width} onChange={setWidth} />
      <Panels
        runs={runs}
        view={view}
        change={change}
        lit={lit}
        onLit={light}
        listing={joined}
        settings={settings}
        aside={<AddPanel entity={entity} project={project} view={view} change={change} />}
      >
        {total > runs.length && !view.drawn && !view.join && (
          <p className="quiet small">
            {runs.length} of {count(total)} runs drawn; the dots in the table choose which.
          </p>
        )}
        {view.panels.length > 0 && (
          <Suspense fallback={<Skeleton />}>
            <TablePanels
              listing={listingOf(entity, project, view, [])}
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

function Divider({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const clamp = (next: number) => Math.round(Math.max(LIST_MIN, Math.min(next, innerWidth - 420)));
  return (
    <div
      className="divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the list"
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) =>
        from.current && onChange(clamp(from.current.width + event.clientX - from.current.x))
      }
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') onChange(clamp(width - 20));
        if (event.key === 'ArrowRight') onChange(clamp(width + 20));
      }}
    />
  );
}
