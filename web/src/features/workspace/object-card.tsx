// What runs logged that is no number: pictures, sound, tables, words. One step of each run at a time.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { objects } from '@/data/charts';
import type { RunView } from '@/data/records';
import { count, plural } from '@/lib/format';
import { Icon } from '@/ui/icons';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { useSeen } from '@/ui/size';
import { TableButton } from '@/ui/table-button';
import { loggedBy } from './logged';
import { at, stepsOf } from './objects';
import { mayBeDrawn } from './presets';

const ObjectValue = lazy(() => import('./object-value'));
const Heat = lazy(() => import('./heat'));
const RUNS_SHOWN = 4;
const RUNS_ASKED = 24;
const ROWS_MAX = 2_000;
/** While the card is small. */
const ROWS_SMALL = 400;

export default function ObjectCard({
  name,
  kind,
  runs,
  open,
  onOpen,
}: {
  name: string;
  kind: string;
  runs: readonly RunView[];
  open: boolean;
  onOpen: () => void;
}) {
  const box = useRef<HTMLElement>(null);
  const seen = useSeen(box);
  const [plain, setPlain] = useState(false);
  const [chosen, choose] = useState<number | null>(null);
  const asked = runs.slice(0, RUNS_ASKED);
  const limit = open ? ROWS_MAX : ROWS_SMALL;
  const answer = useQuery({
    ...objects({ runs: asked.map((run) => run.key), keys: [name], limit }),
    enabled: seen && asked.length > 0,
  });
  const having = useMemo(() => loggedBy(asked, answer.data ?? []), [asked, answer.data]);
  const logged = open ? having : having.slice(0, RUNS_SHOWN);
  const steps = stepsOf(logged.map(({ rows }) => rows));
  const step = chosen ?? steps.at(-1) ?? 0;
  const left = logged.reduce((sum, { total, rows }) => sum + total - rows.length, 0);
  const many = runs.length > 1;
  return (
    <article
      ref={box}
      className={`chart-card object-card ${open ? 'open' : ''}`}
      aria-label={name}
      data-key={name}
    >
      <header>
        <h3 className="cut" title={name}>
          {name}
        </h3>
        <span className="grow" />
        <span className="quiet small">{steps.length > 0 && `step ${count(step)}`}</span>
        <span className="chart-tools">
          {(kind === 'histogram' || mayBeDrawn(name)) && (
            <TableButton name={name} on={plain} onChange={setPlain} />
          )}
          <button
            type="button"
            className="button plain icon"
            aria-label={open ? `Shrink ${name}` : `Expand ${name}`}
            aria-pressed={open}
            onClick={onOpen}
          >
            <Icon name="expand" size={13} />
          </button>
        </span>
      </header>
      <div className="object-space" tabIndex={0} role="group" aria-label={`Values of ${name}`}>
        {answer.error ? (
          <ErrorCard error={answer.error} retry={() => void answer.refetch()} />
        ) : null}
        {answer.isLoading && <Skeleton lines={2} />}
        {answer.isSuccess && logged.length === 0 && (
          <p className="quiet small">No shown run has this key.</p>
        )}
        <Suspense fallback={<Skeleton lines={2} />}>
          {logged.map(({ run, rows }) => {
            const found = at(rows, step);
            return (
              <figure key={run.key} className="object">
                {many && (
                  <figcaption className="cut small">
                    {run.name || run.id}
                    {found && found.step !== step && (
                      <span className="quiet"> at {count(found.step)}</span>
                    )}
                  </figcaption>
                )}
                {kind === 'histogram' && !plain && <Heat rows={rows} step={step} onStep={choose} />}
                {!found ? (
                  <p className="quiet small">Nothing yet at this step.</p>
                ) : (
                  <ObjectValue
                    run={run}
                    name={name}
                    value={found.value}
                    large={open}
                    plain={plain}
                  />
                )}
              </figure>
            );
          })}
        </Suspense>
      </div>
      {steps.length > 1 && (
        <label className="object-steps row">
          <span className="unseen">Step of {name}</span>
          <input
            type="range"
            min="0"
            max={steps.length - 1}
            value={Math.max(0, steps.indexOf(step))}
            onChange={(event) => choose(steps[Number(event.target.value)])}
          />
        </label>
      )}
      {left > 0 && (
        <p className="quiet small object-more">
          The newest {count(limit)} of each run; {count(left)} older ones are not here.
        </p>
      )}
      {(having.length > logged.length || runs.length > RUNS_ASKED) && logged.length > 0 && (
        <p className="quiet small object-more">
          {ofMany(logged.length, having.length, runs.length)}
        </p>
      )}
    </article>
  );
}

/** Of whom there is something here, and whether that is all. */
function ofMany(shown: number, having: number, drawn: number): string {
  const among = drawn > RUNS_ASKED ? ` among the first ${RUNS_ASKED} drawn` : ' that logged it';
  return `${shown} of ${plural(having, 'run')}${among}${shown < having ? '; expand for the others' : ''}`;
}
