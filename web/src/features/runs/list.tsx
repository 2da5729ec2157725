// Facets, filter and table as one: the left of the workspace, and the whole of Runs.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { ApiError } from '@/data/client';
import {
  fields as fieldsQuery,
  type Listing,
  project as projectQuery,
  runsFirst,
} from '@/data/queries';
import type { RunView } from '@/data/records';
import { filterText, withTerm } from '@/lib/query';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { FirstRun } from '@/ui/first-run';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { BulkBar } from './bulk';
import { Columns } from './columns';
import { Facets } from './facets';
import { Export, GroupBy } from './list-menus';
import { picked as pickedFields, selected } from './model';
import { QueryBox } from './query-box';
import { type Dot, RunTable } from './table';
import type { Runs } from './use-runs';
import { Views } from './views';

const Groups = lazy(() => import('./groups'));

export interface RunListProps {
  entity: string;
  project: string;
  view: View;
  change: ChangeView;
  wide: boolean;
  dots?: ReadonlyMap<number, Dot>;
  onDot?: (run: RunView) => void;
  onHover?: (run: RunView | null) => void;
  lit?: number | null;
  foot?: ReactNode;
}

const FIELDS_LOOKED_AT = 200;

const GONE = [403, 404, 410];

/** The listing that a view names, without what only columns need. */
export function listingOf(entity: string, project: string, view: View, select: string[]): Listing {
  return {
    entity,
    project,
    filters: filterText(view.query, view.states),
    order: view.order,
    select,
  };
}

export function RunList({ entity, project, view, change, wide, foot, ...drawing }: RunListProps) {
  const navigate = useNavigate();
  const [picked, setPicked] = useState<ReadonlyMap<number, RunView>>(new Map());
  const [runs, setRuns] = useState<{
    error: unknown;
    states: Record<string, number>;
    total: number | null;
    retry: () => void;
  } | null>(null);
  const by = view.group.split(',').filter(Boolean);
  const known = useQuery(fieldsQuery(entity, project, 'summary.', FIELDS_LOOKED_AT));
  const auto = useMemo(() => pickedFields(known.data ?? [], wide), [known.data, wide]);
  const shown = view.columns ?? auto;
  const listing = useMemo(
    () => listingOf(entity, project, view, selected(shown)),
    [entity, project, view, shown],
  );
  // Facets count what the text finds in every state, so that a chosen state does not hide the others.
  const counted = useQuery(
    runsFirst({ entity, project, filters: filterText(view.query, []), order: '', select: [] }, 0),
  );
  const told = useCallback((now: Runs) => {
    setRuns((before) =>
      before && before.error === now.error && before.total === now.total ? before : now,
    );
  }, []);
  const pick = useCallback((run: RunView, on: boolean) => {
    setPicked((before) => {
      const next = new Map(before);
      if (on) next.set(run.key, run);
      else next.delete(run.key);
      return next;
    });
  }, []);
  const onQuery = useCallback(
    (query: string, done: boolean) => change({ query }, done ? 'push' : 'replace'),
    [change],
  );
  const refused =
    runs?.error instanceof ApiError && runs.error.status === 422 ? runs.error.message : undefined;
  // Another page says it better than a table that stays empty for ever.
  if (runs?.error instanceof ApiError && GONE.includes(runs.error.status)) throw runs.error;
  const open = (run: RunView) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: run.entity, project: run.project, run: run.id },
    });
  return (
    <section className="run-list" aria-label="Runs">
      <div className="list-head">
        <Facets
          states={counted.data?.states ?? {}}
          chosen={view.states}
          onChange={(states) => change({ states })}
        />
        <div className="row">
          <div className="grow">
            <QueryBox
              entity={entity}
              project={project}
              query={view.query}
              onChange={onQuery}
              error={refused}
            />
          </div>
          <span className="only-wide row" style={{ gap: 6 }}>
            <Columns
              entity={entity}
              project={project}
              shown={shown}
              pins={view.pins}
              onChange={(columns) => change({ columns })}
              onPin={(pins) => change({ pins })}
            />
            {wide && (
              <GroupBy
                entity={entity}
                project={project}
                by={by}
                onChange={(next) => change({ group: next.join(',') })}
              />
            )}
            <Views entity={entity} project={project} />
            {wide && (
              <Export
                entity={entity}
                project={project}
                filters={listing.filters}
                order={view.order}
              />
            )}
          </span>
        </div>
        <BulkBar picked={picked} onClear={() => setPicked(new Map())} />
      </div>
      {runs?.error && !refused ? <ErrorCard error={runs.error} retry={runs.retry} /> : null}
      {wide && by.length > 0 ? (
        <Suspense fallback={<Skeleton />}>
          <Groups
            entity={entity}
            project={project}
            by={by}
            fields={listing.select}
            filters={listing.filters}
            onOpen={(term) => change({ group: '', query: withTerm(view.query, term) })}
          />
        </Suspense>
      ) : (
        <RunTable
          listing={listing}
          fields={shown}
          pins={view.pins}
          order={view.order}
          onOrder={(order) => change({ order })}
          picked={picked}
          onPick={pick}
          onOpen={open}
          onRuns={told}
          foot={foot}
          empty={<Empty entity={entity} project={project} view={view} change={change} />}
          {...drawing}
        />
      )}
    </section>
  );
}

function Empty({
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
  const found = useQuery(projectQuery(entity, project));
  const filtered = view.query !== '' || view.states.length > 0;
  if (!filtered) {
    return (
      <div className="empty">
        <h2>No run yet in {project}</h2>
        <FirstRun project={project} />
      </div>
    );
  }
  return (
    <div className="empty">
      <p>0 of {found.data?.runs ?? 0} runs match.</p>
      <div className="row wrap">
        {view.states.length > 0 && (
          <button type="button" className="button" onClick={() => change({ states: [] })}>
            Any state
          </button>
        )}
        {view.query && (
          <button type="button" className="button" onClick={() => change({ query: '' })}>
            Without{' '}
            <code className="cut" style={{ maxWidth: 260 }}>
              {view.query}
            </code>
          </button>
        )}
      </div>
    </div>
  );
}
