// State shapes and badges: shape, colour and word, in every place. Never decides a state.
import type { Part } from '@/lib/shapes';
import { OUTLINES, SHAPES } from '@/lib/shapes';
import { BADGES, type Badge as Look, type Shown } from '@/lib/states';

export function Glyph({
  state,
  size = 14,
  presumed = false,
  hue = BADGES[state].hue,
}: {
  state: Shown;
  size?: number;
  presumed?: boolean;
  /** Where the shape stands for something else than the state of a run. */
  hue?: Look['hue'];
}) {
  const parts: Part[] = (presumed ? OUTLINES[state] : undefined) ?? SHAPES[state];
  return (
    <svg
      className={`glyph hue-${hue}`}
      width={size}
      height={size}
      viewBox="0 0 14 14"
      aria-hidden="true"
    >
      {parts.map((part, i) => (
        <path
          key={i}
          className={i === parts.length - 1 && i > 0 ? 'glyph-core' : undefined}
          d={part.d}
          fill={
            part.fill === 'none' ? 'none' : part.fill === 'ink' ? 'currentColor' : 'var(--surface)'
          }
          stroke={
            part.stroke === 'ink' ? 'currentColor' : part.stroke ? 'var(--surface)' : undefined
          }
          strokeWidth={part.width}
          strokeDasharray={part.dash}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      ))}
    </svg>
  );
}

export interface BadgeProps {
  state: Shown;
  /** Only presumed: dashed, no fill. */
  presumed?: boolean;
  /** In tables only what needs a person is filled. */
  inTable?: boolean;
  big?: boolean;
  /** The server was heard just now: only then the core beats. */
  beating?: boolean;
  title?: string;
}

export function Badge({
  state,
  presumed = false,
  inTable = false,
  big = false,
  beating = false,
  title,
}: BadgeProps) {
  const { word, hue, loud } = BADGES[state];
  const looks = [
    'badge',
    `hue-${hue}`,
    presumed && 'presumed',
    inTable && !loud && !presumed && 'quiet-badge',
    big && 'big',
    beating && state === 'running' && 'beating',
  ];
  return (
    <span
      className={looks.filter(Boolean).join(' ')}
      data-state={state}
      data-hue={hue}
      title={title}
    >
      <Glyph state={state} size={big ? 18 : 14} presumed={presumed} />
      <span className="word">{word}</span>
      {presumed && <span className="unseen"> (presumed)</span>}
    </span>
  );
}

/** Runs by state as one bar; the words are in its title. */
export function StateBar({
  states,
  rest = 0,
}: {
  states: Record<string, number>;
  /** How many are still to come. */
  rest?: number;
}) {
  const shown = Object.entries(states).filter(([, n]) => n > 0) as [Shown, number][];
  const words = shown.map(([state, n]) => `${n} ${state}`).join(', ');
  return (
    <span className="state-bar" role="img" aria-label={words || 'no runs'} title={words}>
      {shown.map(([state, n]) => (
        <span
          key={state}
          className={`hue-${BADGES[state]?.hue ?? 'pending'}`}
          style={{ flexGrow: n }}
        />
      ))}
      {rest > 0 && <span className="rest" style={{ flexGrow: rest }} />}
    </span>
  );
}
