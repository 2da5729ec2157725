// The badge of a sweep. It says whether new runs are made, and never how a run is doing.
import { statusBadge } from '@/lib/sweeps';
import { Glyph } from './glyph';

export function SweepBadge({
  status,
  sentence,
  inTable = false,
  big = false,
  beating = false,
}: {
  status: string;
  sentence?: string;
  inTable?: boolean;
  big?: boolean;
  /** An agent was heard just now: only then the core beats. */
  beating?: boolean;
}) {
  const { word, hue, loud, shape } = statusBadge(status);
  const looks = [
    'badge',
    `hue-${hue}`,
    inTable && !loud && 'quiet-badge',
    big && 'big',
    beating && status === 'running' && 'beating',
  ];
  return (
    <span
      className={looks.filter(Boolean).join(' ')}
      data-sweep={status}
      data-hue={hue}
      title={sentence}
    >
      <Glyph state={shape} hue={hue} size={big ? 18 : 14} />
      <span className="unseen">Sweep </span>
      <span className="word">{word}</span>
    </span>
  );
}
