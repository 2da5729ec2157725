// The trials as a table: what was tried, what became of it, and its run. Holds rows in view only.
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { importance } from '@/data/queries';
import type { TrialView } from '@/data/records';
import { count, plural } from '@/lib/format';
import { passes } from '@/lib/lines';
import { BADGES, STATES, shownState } from '@/lib/states';
import type { Search } from '@/lib/view';
import { Glyph } from '@/ui/glyph';
import { Icon } from '@/ui/icons';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { save } from '@/ui/save';
import { useWidth } from '@/ui/size';
import { AxesMenu } from './axes-menu';
import { useAxes } from './coordinates';
import { FirstAgent } from './empty';
import { dimensions, sense } from './model';
import { picture } from './picture';
import { byState, csv, readSort, sortTrials } from './rows';
import { TrialTable } from './trial-table';
import { TRIALS_SHOWN_MAX, useAddress, useBrushes, useSweep, useTrials } from './use-sweep';

const FIXED_PX = 560;
const COLUMN_PX = 96;
const NONE: never[] = [];

export function SweepTrials() {
  const { path, found } = useSweep();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const detail = found.data;
  const { trials, total, waiting, error } = useTrials(path, detail);
  const parameters = detail?.parameters;
  const known = useMemo(() => dimensions(parameters ?? NONE), [parameters]);
  const told = useQuery({ ...importance(path), enabled: Boolean(detail?.sweep.metric) });
  const room = Math.floor((width - FIXED_PX) / COLUMN_PX);
  const { shown, chosen, choose } = useAxes(known, told.data, Math.max(2, room));
  const { st = '', s } = useSearch({ strict: false }) as Search;
  const by = useMemo(() => readSort(s), [s]);
  const { kept, narrowed } = useKept(trials, known, detail?.sweep);
  const rows = useMemo(
    () => sortTrials(st ? kept.filter((each) => each.state === st) : kept, by),
    [kept, st, by],
  );
  const put = useAddress();
  const [, brush] = useBrushes();
  if (!detail) return <Skeleton />;
  const { sweep } = detail;
  if (sweep.made === 0 && trials.length === 0) return <FirstAgent sweep={sweep} />;
  return (
    <div ref={box} className="sweep-trials">
      <div className="row wrap sweep-tools">
        <Facets trials={kept} chosen={st} onChoose={(state) => put({ st: state || undefined })} />
        <span className="grow" />
        {narrowed && (
          <span className="row small">
            <span className="quiet">
              {count(kept.length)} of {count(trials.length)} pass the ranges
            </span>
            <button type="button" className="button" onClick={() => brush({})}>
              Clear
            </button>
          </span>
        )}
        <AxesMenu
          dimensions={known}
          shown={shown}
          chosen={chosen}
          choose={choose}
          label={`${shown.length} of ${plural(known.length, 'parameter')}`}
        />
        <button
          type="button"
          className="button icon"
          aria-label="Download these trials as CSV"
          title="Download these trials as CSV"
          onClick={() =>
            save(
              `${sweep.id}.csv`,
              csv(
                rows,
                known.map((each) => each.name),
                sweep.metric,
              ),
            )
          }
        >
          <Icon name="download" />
        </button>
      </div>
      {error ? <ErrorCard error={error} retry={() => void found.refetch()} /> : null}
      <TrialTable
        rows={rows}
        sweep={sweep}
        columns={shown}
        by={by}
        onSort={(next) => put({ s: next === '-#' ? undefined : next })}
        waiting={waiting}
      />
      <p className="quiet small">
        {plural(total, 'trial')}
        {total > trials.length && !waiting && `, the newest ${count(TRIALS_SHOWN_MAX)} are here`}
      </p>
    </div>
  );
}

/** Those that pass the ranges brushed over the parallel coordinates. */
function useKept(
  trials: TrialView[],
  known: ReturnType<typeof dimensions>,
  sweep: { metric: string; goal: string } | undefined,
): { kept: TrialView[]; narrowed: boolean } {
  const [brushes] = useBrushes();
  const narrowed = Object.keys(brushes).length > 0;
  const kept = useMemo(() => {
    if (!narrowed || !sweep) return trials;
    const own = known.filter((each) => each.name in brushes);
    const { lines, names } = picture(trials, own, sweep.metric, sense(sweep));
    const on = new Set(lines.filter((line) => passes(line, names, brushes)).map((line) => line.id));
    return trials.filter((each) => on.has(each.number));
  }, [trials, known, sweep, brushes, narrowed]);
  return { kept, narrowed };
}

function Facets({
  trials,
  chosen,
  onChoose,
}: {
  trials: readonly TrialView[];
  chosen: string;
  onChoose: (state: string) => void;
}) {
  const counts = useMemo(() => byState(trials), [trials]);
  return (
    <div className="facets" role="group" aria-label="States of the trials' runs">
      {STATES.map((state) => {
        const n = counts.get(state) ?? 0;
        if (n === 0 && chosen !== state) return null;
        const shown = shownState(state, '');
        return (
          <button
            key={state}
            type="button"
            className="facet"
            aria-pressed={chosen === state}
            onClick={() => onChoose(chosen === state ? '' : state)}
          >
            <Glyph state={shown} size={13} />
            {BADGES[shown].word} <b>{count(n)}</b>
          </button>
        );
      })}
    </div>
  );
}
