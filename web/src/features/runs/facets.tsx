// Counts by state as the first filter, trouble first. Never counts by itself.
import { compact } from '@/lib/format';
import { BADGES, type RunState, STATES } from '@/lib/states';
import { Glyph } from '@/ui/glyph';

export function Facets({
  states,
  chosen,
  onChange,
}: {
  states: Record<string, number>;
  chosen: RunState[];
  onChange: (next: RunState[]) => void;
}) {
  const all = Object.values(states).reduce((sum, n) => sum + n, 0);
  const shown = STATES.filter((state) => (states[state] ?? 0) > 0 || chosen.includes(state));
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
        All <b>{compact(all)}</b>
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
          {BADGES[state].word} <b>{compact(states[state] ?? 0)}</b>
        </button>
      ))}
    </div>
  );
}
