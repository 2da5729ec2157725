// The writers of the newest attempt: which live, which ended and how.
import { useState } from 'react';
import type { RankView } from '@/data/records';
import { duration } from '@/lib/format';
import { BADGES, LIVE, type Shown } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { HostLink } from '@/ui/host-link';
import { Card } from '@/ui/parts';

export function Ranks({ writers }: { writers: RankView[] }) {
  const alive = writers.filter((each) => LIVE.has(each.state));
  const [chosen, choose] = useState<string | null>(null);
  const bad = writers
    .filter((each) => BADGES[each.state as Shown]?.loud)
    .sort((a, b) => a.heard_at - b.heard_at)[0];
  const shown = writers.find((each) => each.writer === chosen) ?? bad ?? writers[0];
  return (
    <Card title="Ranks" note={`${alive.length} of ${writers.length} alive`}>
      <div className="ranks">
        {writers.map((each, i) => (
          <button
            key={each.writer}
            type="button"
            className={`rank hue-${BADGES[each.state as Shown]?.hue ?? 'pending'} ${BADGES[each.state as Shown]?.loud ? 'loud' : ''}`}
            aria-pressed={shown === each}
            title={each.sentence}
            onClick={() => choose(each.writer)}
          >
            <Glyph
              state={each.state as Shown}
              size={12}
              presumed={each.confidence === 'presumed' && !LIVE.has(each.state)}
            />{' '}
            {each.rank ?? i}
          </button>
        ))}
      </div>
      <p className="any" style={{ marginTop: 8 }}>
        {shown.rank !== null && `Rank ${shown.rank}`}{' '}
        {shown.host && (
          <span className="quiet">
            on <HostLink host={shown.host} />
          </span>
        )}
        : {shown.sentence}
        {shown.silent_ms !== null && (
          <span className="quiet"> (heard {duration(shown.silent_ms)} ago)</span>
        )}
      </p>
    </Card>
  );
}
