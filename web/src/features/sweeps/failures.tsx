// Trials that ended badly, by what they died of. Never says more than their runs say.
import { Link } from '@tanstack/react-router';
import type { Json, SweepView, TrialView } from '@/data/records';
import { causeWords, shownState } from '@/lib/states';
import { Badge } from '@/ui/glyph';
import { Card } from '@/ui/parts';
import { runsOf } from './actions';
import { breakerWords, type Failure, failures } from './model';

const GROUPS_SHOWN = 6;
const TRIALS_LINKED = 5;

export function FailuresCard({
  sweep,
  trials,
  config,
}: {
  sweep: SweepView;
  trials: readonly TrialView[];
  config: Record<string, Json>;
}) {
  const groups = failures(trials);
  if (groups.length === 0) return null;
  const pause = sweep.controls.find((each) => each.action === 'pause');
  return (
    <Card title="Failures by cause">
      <ul className="sweep-failures">
        {groups.slice(0, GROUPS_SHOWN).map((each) => (
          <Row key={each.state + each.cause} sweep={sweep} group={each} />
        ))}
      </ul>
      {groups.length > GROUPS_SHOWN && (
        <p className="quiet small">{groups.length - GROUPS_SHOWN} more causes are under Trials.</p>
      )}
      {!sweep.states.finished && <p className="quiet small">{breakerWords(config)}</p>}
      {pause?.allowed && groups[0].trials.length >= TRIALS_LINKED && (
        <p className="quiet small">
          If this goes on, pause the sweep and look: running trials are left alone by that.
        </p>
      )}
    </Card>
  );
}

function Row({ sweep, group }: { sweep: SweepView; group: Failure }) {
  const place = { entity: sweep.entity, project: sweep.project };
  const newest = group.trials.slice(-TRIALS_LINKED).reverse();
  return (
    <li>
      <b className="right">{group.trials.length}</b>
      <Badge state={shownState(group.state, '')} inTable />
      <span className="any">
        <Link
          className="link"
          to="/$entity/$project/runs"
          params={place}
          search={{ ...runsOf(sweep, ` and cause = ${group.cause}`), st: group.state } as never}
        >
          {causeWords(group.cause) || group.state}
        </Link>
        {group.sentence && <span className="quiet"> · {group.sentence}</span>}
      </span>
      <span className="quiet small sweep-links">
        {newest.map((trial) => (
          <Link
            key={trial.number}
            className="link"
            to="/$entity/$project/runs/$run/overview"
            params={{ ...place, run: trial.run_id }}
            title={trial.name}
          >
            #{trial.number}
          </Link>
        ))}
        {group.trials.length > newest.length && '…'}
      </span>
    </li>
  );
}
