// How a sweep's status changed: when, to what, by whom, through which door, why. Newest first.
import type { SweepView, TurnView } from '@/data/records';
import { clock, duration, moment, sentence } from '@/lib/format';
import { statusBadge } from '@/lib/sweeps';
import { Glyph } from '@/ui/glyph';
import { useNow } from '@/ui/parts';

const DOORS: Record<string, string> = {
  app: 'in the app',
  heartline: 'from a terminal or Python',
  wandb: 'through wandb',
  api: 'through the API',
};

export function SweepTurns({ sweep, turns }: { sweep: SweepView; turns: readonly TurnView[] }) {
  const now = useNow();
  // Sweeps from before their turns were kept tell how they stand, and when they were made.
  const known: readonly TurnView[] = turns.length > 0 ? turns : [asItStands(sweep)];
  return (
    <ol className="ledger">
      {known.toReversed().map((turn, i) => {
        const { word, hue, shape } = statusBadge(turn.status);
        const until = i === 0 ? now : known[known.length - i].at;
        return (
          <li key={`${turn.at} ${turn.status}`}>
            <time className="quiet" title={moment(turn.at)}>
              {clock(turn.at, now)}
            </time>
            <Glyph state={shape} hue={hue} />
            <div className="grow">
              <div className="row wrap" style={{ justifyContent: 'space-between', columnGap: 12 }}>
                <b>{word}</b>
                <span className="quiet small">{said(turn)}</span>
              </div>
              <p className="any">{sentence(turn.sentence)}</p>
              <p className="quiet small">
                {i === 0 ? 'for' : 'lasted'} {duration(until - turn.at)}
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function said(turn: TurnView): string {
  return [turn.by, DOORS[turn.door] ?? turn.door].filter(Boolean).join(' ');
}

function asItStands(sweep: SweepView): TurnView {
  const { since: at, status, sentence: why } = sweep;
  return { at, status, by: '', door: '', sentence: why };
}
