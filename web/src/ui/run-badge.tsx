// The badge of a run from what the server says of it. Never computes a state.
import { duration } from '@/lib/format';
import { causeWords, LIVE, shownState } from '@/lib/states';
import { Badge } from './glyph';

/** What of a run its badge shows. */
export interface Told {
  state: string;
  qualifier?: string;
  confidence: string;
  cause: string;
  sentence: string;
  silent_ms?: number | null;
}

/** A verdict that may be taken back is drawn dashed. */
export function presumed(run: Told): boolean {
  return run.confidence === 'presumed' && !LIVE.has(run.state);
}

export function RunBadge({ run, inTable, big }: { run: Told; inTable?: boolean; big?: boolean }) {
  const silent = run.silent_ms ?? null;
  const heard = silent === null ? '' : `; heard ${duration(silent)} ago`;
  return (
    <Badge
      state={shownState(run.state, run.qualifier ?? '')}
      presumed={presumed(run)}
      inTable={inTable}
      big={big}
      beating={silent !== null && run.qualifier !== 'unreachable'}
      title={`${run.sentence}${heard}`}
    />
  );
}

/** A few words beside the badge: the cause, or how long it is silent. */
export function reason(run: Told): string {
  if (run.qualifier === 'unreachable') return `silent ${duration(run.silent_ms)}`;
  const told = ['exception', 'exit_code', 'signal'].includes(run.cause) && !presumed(run);
  return told ? short(run.sentence) : causeWords(run.cause);
}

export function CauseWords({ run }: { run: Told }) {
  return (
    <span className="quiet small cut" title={run.sentence}>
      {reason(run)}
    </span>
  );
}

/** `ValueError: bad loss` is said by its first word; the rest is in the title. */
function short(sentence: string): string {
  return /^[\w.]*(Error|Exception|Interrupt|Exit)\b/.exec(sentence)?.[0] ?? sentence;
}
