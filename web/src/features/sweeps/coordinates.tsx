// Parallel coordinates of a sweep's trials: parameters, then the metric. Never draws by itself.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { importance, type SweepPath } from '@/data/queries';
import type { SweepImportance, SweepView, TrialView } from '@/data/records';
import { Coordinates as Lines } from '@/draw/coordinates';
import type { Cells } from '@/lib/cells';
import { count, number } from '@/lib/format';
import { passes } from '@/lib/lines';
import type { Search } from '@/lib/view';
import { AsTable } from '@/ui/as-table';
import { Coordinates } from '@/ui/coordinates';
import { Card, Skeleton } from '@/ui/parts';
import { useWidth } from '@/ui/size';
import { TableButton } from '@/ui/table-button';
import { AxesMenu } from './axes-menu';
import { argOf, bestTrial, type Dimension, sense, shortNames } from './model';
import { picture } from './picture';
import { useAddress, useBrushes } from './use-sweep';

const AXIS_PX = 118;
const AXIS_PX_NARROW = 64;
const NARROW_PX = 560;
const AXES_MAX = 9;

export interface Shown {
  sweep: SweepView;
  trials: TrialView[];
  dimensions: Dimension[];
  total: number;
}

/** The parameters drawn: those chosen, else those that matter most, as many as there is room for. */
export function useAxes(
  dimensions: readonly Dimension[],
  told: SweepImportance | undefined,
  room: number,
): { shown: Dimension[]; chosen: boolean; choose: (names: string[] | null) => void } {
  const { c } = useSearch({ strict: false }) as Search;
  const put = useAddress();
  const choose = useCallback(
    (names: string[] | null) =>
      put({ c: names ? names.map(encodeURIComponent).join(',') : undefined }),
    [put],
  );
  const shown = useMemo(() => {
    if (c !== undefined) {
      const names = c.split(',').map(decoded);
      return names.flatMap((name) => dimensions.find((each) => each.name === name) ?? []);
    }
    const varied = dimensions.filter((each) => !each.fixed);
    const weight = weights(told);
    const most = Math.max(2, room);
    if (varied.length <= most) return varied;
    return [...varied]
      .sort((a, b) => (weight.get(b.name) ?? 0) - (weight.get(a.name) ?? 0))
      .slice(0, most);
  }, [c, dimensions, told, room]);
  return { shown, chosen: c !== undefined, choose };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Importance by parameter; a word's rows (`kind=adam`) count together. */
function weights(told: SweepImportance | undefined): Map<string, number> {
  const found = new Map<string, number>();
  for (const each of told?.parameters ?? []) {
    const name = each.name.split('=')[0];
    found.set(name, (found.get(name) ?? 0) + each.importance);
  }
  return found;
}

export function CoordinatesCard({
  sweep,
  trials,
  dimensions,
  path,
  waiting,
}: Shown & { path: SweepPath; waiting: boolean }) {
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const told = useQuery({ ...importance(path), enabled: sweep.metric !== '' });
  const room = Math.min(
    AXES_MAX,
    Math.floor(width / (width < NARROW_PX ? AXIS_PX_NARROW : AXIS_PX)),
  );
  const { shown, chosen, choose } = useAxes(dimensions, told.data, room);
  const [brushes, brush] = useBrushes();
  const toward = sense(sweep);
  const found = useMemo(
    () => picture(trials, shown, sweep.metric, toward),
    [trials, shown, sweep.metric, toward],
  );
  const known = useMemo(() => new Map(trials.map((each) => [each.number, each])), [trials]);
  const best = useMemo(() => bestTrial(trials, toward)?.number ?? null, [trials, toward]);
  const passing = useMemo(
    () => found.lines.filter((line) => passes(line, found.names, brushes)).length,
    [found, brushes],
  );
  const open = (id: number) => {
    const trial = known.get(id);
    if (!trial) return;
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: sweep.entity, project: sweep.project, run: trial.run_id },
    });
  };
  const tell = (id: number) => {
    const trial = known.get(id);
    if (!trial) return { head: `trial ${id}`, rows: [] as [string, string][] };
    const rows = shown.map((each): [string, string] => [
      each.name,
      number(argOf(trial, each.name)),
    ]);
    if (sweep.metric) rows.push([sweep.metric, number(trial.value)]);
    return { head: `#${trial.number} ${trial.name}`, rows };
  };
  const [plain, setPlain] = useState(false);
  /** The trials that pass, as the lines are. */
  const cells = (): Cells => {
    const kept = found.lines.filter((line) => passes(line, found.names, brushes));
    const value = sweep.metric ? [{ name: sweep.metric }] : [];
    return {
      columns: [{ name: 'Trial', words: true }, ...shown.map(({ name }) => ({ name })), ...value],
      rows: kept.map(({ id }) => {
        const { head, rows } = tell(id);
        return [head, ...rows.map(([, words]) => words)];
      }),
    };
  };
  const narrowed = Object.keys(brushes).length > 0;
  const varied = dimensions.filter((each) => !each.fixed).length;
  return (
    <Card
      title="Parallel coordinates"
      note={
        <span className="only-wide">
          one line a trial{sweep.metric && ', stronger is better'}; drag along an axis to select
        </span>
      }
      aside={
        <span className="row">
          <span className="quiet small">
            {count(passing)} of {count(found.lines.length)} trials
          </span>
          {narrowed && (
            <button type="button" className="button" onClick={() => brush({})}>
              Clear
            </button>
          )}
          <TableButton name="parallel coordinates" on={plain} onChange={setPlain} />
          <AxesMenu
            dimensions={dimensions}
            shown={shown}
            chosen={chosen}
            choose={choose}
            label={`${shown.length} of ${count(varied)} parameters`}
          />
        </span>
      }
    >
      <div ref={box}>
        {waiting && trials.length === 0 && <Skeleton />}
        {plain && <AsTable name="Parallel coordinates" cells={cells()} />}
        {!plain && width > 0 && shown.length > 0 && found.lines.length > 0 && (
          <Coordinates
            {...found}
            labels={[...shortNames(shown.map((each) => each.name)), sweep.metric]}
            best={best}
            brushes={brushes}
            onBrush={brush}
            onOpen={open}
            tell={tell}
            painter={(element, model) => new Lines(element, model)}
            label={`${found.lines.length} trials over ${found.names.join(', ')}`}
          />
        )}
        {!waiting && (found.lines.length === 0 || shown.length === 0) && (
          <p className="quiet">
            {varied === 0
              ? 'Every parameter has one value only: there is nothing to compare.'
              : 'No parameter is chosen.'}
          </p>
        )}
        {sweep.metric && trials.length > 0 && !trials.some((each) => each.value !== null) && (
          <p className="quiet small">
            No trial has a value of <code className="any">{sweep.metric}</code> yet: the lines show
            where they were tried.
          </p>
        )}
      </div>
    </Card>
  );
}
