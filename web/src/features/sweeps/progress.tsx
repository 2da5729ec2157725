// How far a sweep is: trials by state, the best value and its target, the pace. Never counts itself.
import { Link } from '@tanstack/react-router';
import type { Json, SweepView, TrialView } from '@/data/records';
import { count, duration, number, plural } from '@/lib/format';
import { BADGES, type Shown, shownState } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { runsOf } from './actions';
import {
  bestTrial,
  breakerWords,
  earlyWords,
  failures,
  failureWords,
  progress,
  type Segment,
  sense,
  stoppedEarly,
  targetMet,
  timeLeft,
} from './model';

export function ProgressCard({
  sweep,
  trials,
  config,
  waiting,
}: {
  sweep: SweepView;
  trials: readonly TrialView[];
  config: Record<string, Json>;
  waiting: boolean;
}) {
  const { segments, left } = progress(sweep);
  const bad = failureWords(failures(trials));
  const rest = waiting ? null : timeLeft(sweep, trials);
  const early = earlyWords(config);
  const stopped = stoppedEarly(trials);
  return (
    <section className="card" aria-label="Progress">
      <div className="body stack" style={{ gap: 8 }}>
        <div className="row wrap sweep-figures">
          <span>
            <b className="figure">{count(sweep.made)}</b>{' '}
            <span className="quiet">
              {sweep.planned === null
                ? `${sweep.made === 1 ? 'trial' : 'trials'}, no end set`
                : `of ${plural(sweep.planned, 'trial')}`}
            </span>
          </span>
          <Best sweep={sweep} trials={trials} />
          {rest !== null && <span className="quiet">about {duration(rest)} left at this pace</span>}
          <span className="grow" />
          {bad && <b className="hue-failed sweep-bad any">{bad}</b>}
        </div>
        <Bar segments={segments} left={left} />
        <ul className="row wrap sweep-states" aria-label="Trials by state">
          {segments.map((each) => (
            <State key={each.state} sweep={sweep} segment={each} />
          ))}
          {sweep.waiting > 0 && (
            <li className="quiet">{count(sweep.waiting)} to be handed out again</li>
          )}
          {left !== null && left > 0 && <li className="quiet">{count(left)} not made yet</li>}
        </ul>
        {early && (
          <p className="quiet small">
            {early}
            {stopped > 0 && ` ${plural(stopped, 'trial')} stopped early so far.`}
          </p>
        )}
        {sweep.status === 'pending' && <p className="quiet small">{breakerWords(config)}</p>}
      </div>
    </section>
  );
}

function Best({ sweep, trials }: { sweep: SweepView; trials: readonly TrialView[] }) {
  if (!sweep.metric) return <span className="quiet">no metric, so none is the best</span>;
  if (!sweep.best)
    return (
      <span className="quiet">
        no finished trial has a value of <span className="any">{sweep.metric}</span> yet
      </span>
    );
  const best = bestTrial(trials, sense(sweep));
  const met = targetMet(sweep);
  return (
    <span className="any">
      <b className="figure">{number(sweep.best.value, 5)}</b>{' '}
      <span className="quiet">
        best {sweep.metric},{' '}
        <Link
          className="link"
          to="/$entity/$project/runs/$run/overview"
          params={{ entity: sweep.entity, project: sweep.project, run: sweep.best.run }}
          title={sweep.best.name}
        >
          {best?.run_id === sweep.best.run && !best.prior ? `trial ${best.number}` : 'its run'}
        </Link>
        {met !== null && (
          <>
            {' · '}
            target {number(sweep.target)}{' '}
            {met ? <b className="hue-finished sweep-met">met</b> : 'not met'}
          </>
        )}
      </span>
    </span>
  );
}

function Bar({ segments, left }: { segments: readonly Segment[]; left: number | null }) {
  const words = segments.map((each) => `${each.n} ${each.state}`);
  if (left) words.push(`${left} not made yet`);
  return (
    <div className="sweep-bar" role="img" aria-label={words.join(', ') || 'no trial yet'}>
      {segments.map((each) => (
        <span
          key={each.state}
          className={`hue-${BADGES[each.state as Shown]?.hue ?? 'pending'} is-${each.state}`}
          style={{ flexGrow: each.n }}
        />
      ))}
      {left !== null && left > 0 && <span className="rest" style={{ flexGrow: left }} />}
    </div>
  );
}

function State({ sweep, segment }: { sweep: SweepView; segment: Segment }) {
  const shown = shownState(segment.state, '');
  return (
    <li>
      <Link
        className={`row hue-${BADGES[shown].hue} sweep-state`}
        data-state={segment.state}
        to="/$entity/$project/runs"
        params={{ entity: sweep.entity, project: sweep.project }}
        search={{ ...runsOf(sweep), st: segment.state } as never}
      >
        <Glyph state={shown} size={13} />
        <span>{BADGES[shown].word}</span>
        <b>{count(segment.n)}</b>
      </Link>
    </li>
  );
}
