// The metric over trials with the best so far; what has no value is marked at the edge.
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { TrialView } from '@/data/records';
import { Objective, type ObjectiveHover, type ObjectiveModel } from '@/draw/objective';
import type { Cells } from '@/lib/cells';
import { clock, number, plural } from '@/lib/format';
import { passes } from '@/lib/lines';
import { causeWords } from '@/lib/states';
import type { Search } from '@/lib/view';
import { AsTable } from '@/ui/as-table';
import { Card, Skeleton, useNow } from '@/ui/parts';
import { TableButton } from '@/ui/table-button';
import { watchTheme } from '@/ui/theme';
import type { Shown } from './coordinates';
import { failed, sense, windowOf } from './model';
import { bestSoFar, picture } from './picture';
import { useAddress, useBrushes } from './use-sweep';

type By = 'trial' | 'time';

export function ObjectiveCard({
  sweep,
  trials,
  dimensions,
  waiting,
}: Shown & { waiting: boolean }) {
  const { ox } = useSearch({ strict: false }) as Search;
  const put = useAddress();
  const by: By = ox === 'time' ? 'time' : 'trial';
  const toward = sense(sweep);
  const [brushes] = useBrushes();
  const found = useMemo(
    () => arrange(trials, by, toward, sweep.target),
    [trials, by, toward, sweep.target],
  );
  const kept = useMemo(() => {
    if (Object.keys(brushes).length === 0) return null;
    const own = dimensions.filter((each) => each.name in brushes);
    const { lines, names } = picture(trials, own, sweep.metric, toward);
    return new Set(lines.filter((each) => passes(each, names, brushes)).map((each) => each.id));
  }, [trials, dimensions, sweep.metric, toward, brushes]);
  const model = useMemo(
    () =>
      found && {
        ...found.model,
        points: kept
          ? found.model.points.map((each) => ({ ...each, faint: !kept.has(each.id) }))
          : found.model.points,
      },
    [found, kept],
  );
  const [plain, setPlain] = useState(false);
  const bare = trials.filter((each) => each.value === null).length;
  return (
    <Card
      title="Best so far"
      note={<span className="any">{sweep.metric ? `${sweep.metric} by ${by}` : ''}</span>}
      aside={
        <span className="row">
          {model && <TableButton name="best so far" on={plain} onChange={setPlain} />}
          <div className="segmented" role="group" aria-label="Over">
            {(['trial', 'time'] as const).map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={by === each}
                onClick={() => put({ ox: each === 'time' ? 'time' : undefined })}
              >
                {each === 'trial' ? 'Trial' : 'Time'}
              </button>
            ))}
          </div>
        </span>
      }
    >
      {waiting && trials.length === 0 && <Skeleton />}
      {!sweep.metric && (
        <p className="quiet">
          The configuration names no metric. With{' '}
          <code>metric: {'{name: val/loss, goal: minimize}'}</code> this shows how it gets better.
        </p>
      )}
      {sweep.metric && model && found && (
        <>
          {plain ? (
            <AsTable name="Best so far" cells={cellsOf(trials, model)} />
          ) : (
            <View sweep={sweep} trials={trials} model={model} toward={toward} />
          )}
          <p className="quiet small row wrap">
            <span>
              {[
                bare > 0 &&
                  `${plural(bare, 'trial')} without a value ${bare === 1 ? 'stands' : 'stand'} at the edge`,
                found.beyond > 0 &&
                  `${found.beyond} far worse values are beyond the ${toward > 0 ? 'bottom' : 'top'}`,
                found.model.y.log && 'decades',
              ]
                .filter(Boolean)
                .join('; ')}
            </span>
            <span className="grow" />
            <Link
              className="link"
              to="/$entity/$project/sweeps/$sweep/trials"
              params={{ entity: sweep.entity, project: sweep.project, sweep: sweep.id }}
            >
              As a table
            </Link>
          </p>
        </>
      )}
      {sweep.metric && !model && !waiting && (
        <p className="quiet">
          No trial has a value of <code className="any">{sweep.metric}</code> yet. Either none got
          that far, or the program does not log this key.
        </p>
      )}
    </Card>
  );
}

function cellsOf(trials: readonly TrialView[], model: ObjectiveModel): Cells {
  const known = new Map(trials.map((each) => [each.number, each]));
  const best = new Map(model.best.map(({ x, y }) => [x, y]));
  return {
    columns: [
      { name: 'Trial', words: true },
      { name: 'State', words: true },
      { name: 'Value' },
      { name: 'New best' },
    ],
    rows: model.points.map(({ id, x, y, state }) => [
      `#${id} ${known.get(id)?.name ?? ''}`,
      state,
      y === null ? null : number(y, 6),
      y !== null && best.get(x) === y ? number(y, 6) : null,
    ]),
  };
}

interface Arranged {
  model: ObjectiveModel;
  beyond: number;
}

function arrange(
  trials: readonly TrialView[],
  by: By,
  toward: number,
  target: number | null,
): Arranged | null {
  const values = trials.flatMap((each) => (each.value === null ? [] : [each.value]));
  const range = windowOf(values, toward);
  if (!range) return null;
  const own = trials.filter((each) => !each.prior || by === 'trial');
  const x = (each: TrialView) =>
    by === 'trial' ? each.number : (each.ended_at ?? each.created_at);
  const xs = own.map(x);
  const [from, to] = [
    xs.reduce((a, b) => Math.min(a, b), Infinity),
    xs.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const pad = range.log ? 0 : (range.high - range.low) * 0.04 || Math.abs(range.high) * 0.1 || 1;
  return {
    beyond: range.beyond,
    model: {
      points: own.map((each) => ({
        id: each.number,
        x: x(each),
        y: each.value,
        state: each.state || 'pending',
        faint: false,
      })),
      best: bestSoFar(own, toward, x),
      x: {
        low: from,
        high: to,
        words: by === 'trial' ? (at) => String(Math.round(at)) : (at) => clock(Math.round(at), to),
      },
      y: {
        low: range.log ? range.low / 1.15 : range.low - pad,
        high: range.log ? range.high * 1.15 : range.high + pad,
        log: range.log,
      },
      target: target ?? null,
    },
  };
}

function View({
  sweep,
  trials,
  model,
  toward,
}: Pick<Shown, 'sweep' | 'trials'> & { model: ObjectiveModel; toward: number }) {
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const port = useRef<Objective | null>(null);
  const [hover, setHover] = useState<ObjectiveHover | null>(null);
  const known = useMemo(() => new Map(trials.map((each) => [each.number, each])), [trials]);
  const open = (id: number) => {
    const trial = known.get(id);
    if (trial)
      void navigate({
        to: '/$entity/$project/runs/$run/overview',
        params: { entity: sweep.entity, project: sweep.project, run: trial.run_id },
      });
  };
  const newest = useRef({ model, open });
  newest.current = { model, open };
  useEffect(() => {
    if (!box.current) return;
    const made = new Objective(box.current, newest.current.model, {
      hover: setHover,
      open: (id) => newest.current.open(id),
    });
    port.current = made;
    const unwatch = watchTheme(() => requestAnimationFrame(() => made.redraw()));
    return () => {
      unwatch();
      made.destroy();
    };
  }, []);
  useEffect(() => port.current?.update(model), [model]);
  const trial = hover && known.get(hover.id);
  const width = box.current?.clientWidth ?? 0;
  const last = model.best.at(-1);
  return (
    <div className="objective">
      <div
        ref={box}
        className="objective-space"
        role="img"
        aria-label={`${sweep.metric} of ${trials.length} trials${last ? `; the best so far is ${number(last.y)}, ${toward > 0 ? 'larger' : 'smaller'} is better` : ''}`}
      />
      {hover && trial && (
        <div
          className="chart-tip"
          style={
            hover.left > width / 2
              ? { right: width - hover.left + 12, top: hover.top + 6 }
              : { left: hover.left + 12, top: hover.top + 6 }
          }
        >
          <b className="cut">
            #{trial.number} {trial.name}
          </b>
          <span className="row">
            <span className="quiet grow">{trial.state || 'run deleted'}</span>
            <b>{trial.value === null ? 'no value' : number(trial.value, 5)}</b>
          </span>
          {failed(trial) && <span className="small any">{causeWords(trial.cause)}</span>}
          <Ended trial={trial} />
        </div>
      )}
    </div>
  );
}

function Ended({ trial }: { trial: TrialView }) {
  const now = useNow();
  if (!trial.ended_at) return null;
  return <span className="quiet small">ended {clock(trial.ended_at, now)}</span>;
}
