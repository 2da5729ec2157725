// Which parameters are drawn, searched among many. Never draws them.
import { useState } from 'react';
import { Menu } from '@/ui/dialog';
import { Picker } from '@/ui/picker';
import type { Dimension } from './model';

const LISTED_MAX = 60;

export function AxesMenu({
  dimensions,
  shown,
  chosen,
  choose,
  label,
}: {
  dimensions: readonly Dimension[];
  shown: readonly Dimension[];
  chosen: boolean;
  choose: (names: string[] | null) => void;
  label: string;
}) {
  const [typed, setTyped] = useState('');
  const names = dimensions.map((each) => each.name);
  const fixed = new Set(dimensions.filter((each) => each.fixed).map((each) => each.name));
  const on = shown.map((each) => each.name);
  const toggle = (name: string) =>
    choose(names.filter((each) => (each === name) !== on.includes(each)));
  return (
    <Menu label={label} width={280}>
      <Picker
        find="Find a parameter"
        typed={typed}
        onTyped={setTyped}
        names={names}
        on={on}
        onToggle={toggle}
        beside={(name) => fixed.has(name) && <span className="quiet small">fixed</span>}
        max={LISTED_MAX}
      >
        {chosen && (
          <button type="button" onClick={() => choose(null)}>
            Those that matter most
          </button>
        )}
      </Picker>
    </Menu>
  );
}
