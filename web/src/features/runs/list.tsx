// Facets, filter and table as one: the left of the workspace, and the whole of Runs.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { ApiError } from '@/data/client';
import {
  fields as fieldsQuery,
  type Listing,
  runsFirst,
  values as valuesQuery,
} from '@/data/queries';
import type { RunView } from '@/data/records';
import { asPython, filterText, withTerm } from '@/lib/query';
import { FIRST_VIEW, PINNED_MAX, type View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { useKeys } from '@/ui/keys';
import { copy, ErrorCard, Skeleton } from '@/ui/parts';
import { toggled } from '@/ui/picker';
import { toast } from '@/ui/toast';
import { Columns } from './columns';
import { Facets } from './facets';
import { Export, GroupBy } from './list-menus';
import { differing, learningRate, picked as pickedFields, selected } from './model';
import { QueryBox } from './query-box';
import type { Dot } from './row';
import { RunTable } from './table';
import { usePicks } from './use-picks';
import type { Runs } from './use-runs';
import { useTaken } from './use-taken';
import { Views, ViewTabs } from './views';

// What is not on the first screen comes when it is needed.
const BulkBar = lazy(() => import('./bulk'));
const Empty = lazy(() => import('./empty'));
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
const DIFFERING_LOOKED_AT = 100;
const RAIL_PX = 200;

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
  const { picked, pick, all, clear } = usePicks();
  const [runs, setRuns] = useState<Runs | null>(null);
  const by = view.group.split(',').filter(Boolean);
  const known = useQuery(fieldsQuery(entity, project, 'summary.', FIELDS_LOOKED_AT));
  const [room] = useState(() => (wide ? innerWidth - RAIL_PX : 0));
  // Asked once there are rows: what they wait for comes first.
  const isThere = runs !== null && runs.total !== null;
  const telling = useTelling(entity, project, isThere && wide && view.columns === null);
  const auto = useMemo(
    () => pickedFields(known.data ?? [], room, telling),
    [known.data, room, telling],
  );
  const shown = view.columns ?? auto;
  const { view: held, states, refused } = useTaken(entity, project, view);
  const asked = refused ? held : view;
  const listing = useMemo(
    () => listingOf(entity, project, asked, selected(shown)),
    [entity, project, asked, shown],
  );
  const told = useCallback((now: Runs) => {
    setRuns((before) =>
      before && before.error === now.error && before.total === now.total ? before : now,
    );
  }, []);
  const pin = (run: RunView) => change({ pinned: pinnedWith(view.pinned, run.id) });
  const python = () => {
    const order = view.order === FIRST_VIEW.order ? '' : view.order;
    void copy(asPython(`${entity}/${project}`, listing.filters, order)).then(() =>
      toast('Copied: these runs in Python.'),
    );
  };
  const onDiffering = useDiffering(listing, auto, change);
  useKeys([{ keys: 'Shift+Y', words: 'Copy these runs as Python', act: python }]);
  const onQuery = useCallback(
    (query: string, done: boolean) => change({ query }, done ? 'push' : 'replace'),
    [change],
  );
  const isRefusal = runs?.error instanceof ApiError && runs.error.status === 422;
  // Another page says it better than a table that stays empty for ever.
  if (runs?.error instanceof ApiError && GONE.includes(runs.error.status)) throw runs.error;
  const open = (run: RunView) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: run.entity, project: run.project, run: run.id },
    });
  return (
    <section className="run-list" aria-label="Runs">
      {wide && <ViewTabs entity={entity} project={project} />}
      <div className="list-head">
        <Facets states={states} chosen={view.states} onChange={(states) => change({ states })} />
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
              onDiffering={onDiffering}
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
                onPython={python}
              />
            )}
          </span>
        </div>
        {picked.size > 0 && (
          <Suspense>
            <BulkBar picked={picked} onPick={pick} onClear={clear} />
          </Suspense>
        )}
      </div>
      {runs?.error && !isRefusal ? <ErrorCard error={runs.error} retry={runs.retry} /> : null}
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
          dim={refused !== undefined}
          ready={view.columns !== null || !known.isPending}
          fields={shown}
          pins={view.pins}
          pinned={view.pinned}
          onPin={pin}
          order={view.order}
          onOrder={(order) => change({ order })}
          picked={picked}
          onPick={pick}
          onAll={(already) => all(listing, already)}
          onOpen={open}
          onRuns={told}
          foot={foot}
          empty={
            <Suspense>
              <Empty entity={entity} project={project} view={view} change={change} />
            </Suspense>
          }
          {...drawing}
        />
      )}
    </section>
  );
}

/** One more run on top, or one less; the oldest goes where there are too many. */
function pinnedWith(pinned: readonly string[], id: string): string[] {
  return toggled(pinned, id).slice(-PINNED_MAX);
}

/** The sweep and the learning rate, where runs of the project differ in them. */
function useTelling(entity: string, project: string, wanted: boolean): readonly string[] {
  const rates = useQuery({
    ...fieldsQuery(entity, project, 'config.', FIELDS_LOOKED_AT),
    enabled: wanted,
  });
  const rate = learningRate(rates.data ?? []);
  const differs = useQuery({
    ...valuesQuery(entity, project, rate ?? '', 2),
    enabled: wanted && rate !== undefined,
  });
  const swept = useQuery({ ...valuesQuery(entity, project, 'sweep', 2), enabled: wanted });
  const hasSweep = (swept.data ?? []).some(([value]) => value !== null && value !== '');
  const hasRate = (differs.data?.length ?? 0) > 1;
  return useMemo(
    () => [...(hasSweep ? ['sweep'] : []), ...(hasRate && rate ? [rate] : [])],
    [hasSweep, hasRate, rate],
  );
}

/** Shows the settings in which the newest runs that match are not the same. */
function useDiffering(listing: Listing, auto: string[], change: ChangeView): () => void {
  const cache = useQueryClient();
  return () => {
    const asked = runsFirst({ ...listing, select: ['*'] }, DIFFERING_LOOKED_AT);
    cache.fetchQuery(asked).then(
      ({ runs }) => {
        const columns = differing(runs, auto);
        if (columns.some((field) => field.startsWith('config.'))) change({ columns });
        else toast('The runs that match have the same settings.');
      },
      (error: Error) => toast(`Not found out: ${error.message}`),
    );
  };
}
