// Members that are ranks of one job, in order, with those that no member is.
import { useState } from 'react';
import { duration } from '@/lib/format';
import { BADGES, LIVE } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { HostLink } from '@/ui/host-link';
import { Card } from '@/ui/parts';
import { presumed } from '@/ui/run-badge';
import { RunLink } from '@/ui/run-link';
import { type Rank, shown, worse } from './model';

export function MemberRanks({ ranks }: { ranks: readonly Rank[] }) {
  const [chosen, choose] = useState<number | null>(null);
  const there = ranks.flatMap(({ run }) => run ?? []);
  const alive = there.filter((run) => LIVE.has(run.state)).length;
  const missing = ranks.length - there.length;
  // The one that fell first of the worst is the one to look at.
  const bad = [...ranks]
    .filter(({ run }) => run && BADGES[shown(run)].loud)
    .sort((a, b) => worse(shown(a.run!), shown(b.run!)) || a.run!.since - b.run!.since)[0];
  const at = ranks.find((each) => each.rank === chosen) ?? bad ?? ranks[0];
  return (
    <Card
      title="Ranks"
      note={`${alive} of ${ranks.length} live${missing > 0 ? `, ${missing} never began` : ''}`}
    >
      <div className="ranks">
        {ranks.map(({ rank, run }) => {
          const state = run ? shown(run) : 'pending';
          const { hue, loud, word } = BADGES[state];
          return (
            <button
              key={rank}
              type="button"
              className={`rank hue-${hue} ${loud ? 'loud' : ''}`}
              aria-pressed={at.rank === rank}
              title={run ? `${word}: ${run.sentence}` : 'no member is this rank'}
              onClick={() => choose(rank)}
            >
              <Glyph state={state} size={12} presumed={run ? presumed(run) : true} /> {rank}
            </button>
          );
        })}
      </div>
      <p className="any" style={{ marginTop: 8 }}>
        Rank {at.rank}
        {at.run === null && ': no member of the group says that it is this rank.'}
        {at.run && (
          <>
            {', '}
            <RunLink run={at.run} className="link any" />
            {at.run.host && (
              <>
                {' on '}
                <HostLink host={at.run.host} />
              </>
            )}
            : {at.run.sentence}
            {at.run.silent_ms !== null && (
              <span className="quiet"> (heard {duration(at.run.silent_ms)} ago)</span>
            )}
          </>
        )}
      </p>
    </Card>
  );
}
