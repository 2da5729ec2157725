// Counts by state as the first filter, trouble first. Never counts by itself.
import { compact } from '@/lib/format';
import { BADGES, type RunState, STATES } from '@/lib/states';
import { Glyph } from '@/ui/glyph';

export function Facets({
  states,
  chosen,
  onChange,
}: {
  states: Record<string, number> | undefined;
  chosen: RunState[];
  onChange: (next: RunState[]) => void;
}) {
  const known = states ?? {};
  const all = Object.values(known).reduce((sum, n) => sum + n, 0);
  const shown = STATES.filter((state) => (known[state] ?? 0) > 0 || chosen.includes(state));
  const said = (n: number) => (states ? compact(n) : '…');
  const toggle = (state: RunState, add: boolean) => {
    const without = chosen.filter((each) => each !== state);
    if (without.length < chosen.length) onChange(without);
    else onChange(add ? [...chosen, state] : [state]);
  };
  return (
    <div className="facets" role="group" aria-label="States">
      <button
        type="button"
        className="facet"
        aria-pressed={chosen.length === 0}
        onClick={() => onChange([])}
      >
        All <b>{said(all)}</b>
      </button>
      {shown.map((state) => (
        <button
          key={state}
          type="button"
          className="facet"
          aria-pressed={chosen.includes(state)}
          title="Shift adds to the chosen"
          onClick={(event) => toggle(state, event.shiftKey || chosen.length > 0)}
        >
          <Glyph state={state} />
          {BADGES[state].word} <b>{said(known[state] ?? 0)}</b>
        </button>
      ))}
    </div>
  );
}
