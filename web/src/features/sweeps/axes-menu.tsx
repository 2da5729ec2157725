// Which parameters are drawn, searched among many. Never draws them.
import { useState } from 'react';
import { Menu } from '@/ui/dialog';
import type { Dimension } from './model';

const LISTED_MAX = 60;
const SEARCH_FROM = 8;

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
  const on = new Set(shown.map((each) => each.name));
  const found = dimensions.filter((each) => each.name.toLowerCase().includes(typed.toLowerCase()));
  const toggle = (name: string) =>
    choose(
      on.has(name)
        ? [...on].filter((each) => each !== name)
        : dimensions.map((each) => each.name).filter((each) => on.has(each) || each === name),
    );
  return (
    <Menu label={label} width={280}>
      {() => (
        <>
          {dimensions.length > SEARCH_FROM && (
            <input
              className="field"
              style={{ width: '100%' }}
              placeholder="Find a parameter"
              aria-label="Find a parameter"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          {found.slice(0, LISTED_MAX).map((each) => (
            <label key={each.name}>
              <input
                type="checkbox"
                checked={on.has(each.name)}
                onChange={() => toggle(each.name)}
              />
              <span className="cut grow">{each.name}</span>
              {each.fixed && <span className="quiet small">fixed</span>}
            </label>
          ))}
          {found.length > LISTED_MAX && (
            <p className="quiet small">{found.length - LISTED_MAX} more; type to find them.</p>
          )}
          {chosen && (
            <button type="button" onClick={() => choose(null)}>
              Those that matter most
            </button>
          )}
        </>
      )}
    </Menu>
  );
}
