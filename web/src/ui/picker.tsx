// Names to choose from, searched as somebody types. Never lists ten thousand of them at once.
import type { ReactNode } from 'react';

export function Picker({
  find,
  typed,
  onTyped,
  names,
  on,
  onToggle,
  words = (name) => name,
  beside,
  full = false,
  more = false,
  max = names.length,
  children,
}: {
  /** What is looked for: `Find a column`. */
  find: string;
  typed: string;
  onTyped: (typed: string) => void;
  names: readonly string[];
  on: readonly string[];
  onToggle: (name: string) => void;
  words?: (name: string) => string;
  /** What else can be done with one of them. */
  beside?: (name: string) => ReactNode;
  /** No more can be chosen. */
  full?: boolean;
  /** There are others that were not looked at. */
  more?: boolean;
  max?: number;
  children?: ReactNode;
}) {
  const part = typed.toLowerCase();
  const found = names.filter(
    (name) => name.toLowerCase().includes(part) || words(name).toLowerCase().includes(part),
  );
  return (
    <div className="picker">
      <input
        className="field"
        placeholder={find}
        aria-label={find}
        value={typed}
        onChange={(event) => onTyped(event.target.value)}
      />
      <ul>
        {found.slice(0, max).map((name) => (
          <li key={name} className="row">
            <label className="grow">
              <input
                type="checkbox"
                checked={on.includes(name)}
                disabled={full && !on.includes(name)}
                onChange={() => onToggle(name)}
              />
              <span className="cut" title={name}>
                {words(name)}
              </span>
            </label>
            {beside?.(name)}
          </li>
        ))}
      </ul>
      {(more || found.length > max) && (
        <p className="quiet small">More match; type a part of the name.</p>
      )}
      {found.length === 0 && <p className="quiet small">None is called that.</p>}
      {children}
    </div>
  );
}

/** The names with this one, or without it. */
export function toggled(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
}
