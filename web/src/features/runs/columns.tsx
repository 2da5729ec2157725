// Which columns are shown, searched for on the server. Never lists ten thousand keys at once.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { fields } from '@/data/queries';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { BASE_FIELDS, column } from './model';

const FOUND_MAX = 60;

interface ColumnsProps {
  entity: string;
  project: string;
  shown: string[];
  /** Those that stay when the table is scrolled sideways. */
  pins: string[];
  onChange: (fields: string[] | null) => void;
  onPin: (pins: string[]) => void;
}

export function Columns({ entity, project, shown, pins, onChange, onPin }: ColumnsProps) {
  return (
    <Menu
      label={
        <>
          <Icon name="columns" /> Columns
        </>
      }
      title="Columns"
      width={320}
    >
      <Panel
        entity={entity}
        project={project}
        shown={shown}
        pins={pins}
        onChange={onChange}
        onPin={onPin}
      />
    </Menu>
  );
}

function Panel({ entity, project, shown, pins, onChange, onPin }: ColumnsProps) {
  const [typed, setTyped] = useState('');
  const words = useDeferredValue(typed);
  const found = useQuery(fields(entity, project, words, FOUND_MAX));
  const base = BASE_FIELDS.filter((field) =>
    column(field).label.toLowerCase().includes(words.toLowerCase()),
  );
  const others = [...base, ...(found.data ?? [])].filter((field) => !shown.includes(field));
  const toggle = (field: string) =>
    onChange(shown.includes(field) ? shown.filter((each) => each !== field) : [...shown, field]);
  const line = (field: string, on: boolean) => (
    <li key={field} className="row">
      <label className="grow">
        <input type="checkbox" checked={on} onChange={() => toggle(field)} />
        <span className="cut" title={field}>
          {field.includes('.') ? field : column(field).label}
        </span>
      </label>
      {on && (
        <button
          type="button"
          style={{ width: 28 }}
          aria-pressed={pins.includes(field)}
          aria-label={`Pin ${field}`}
          title={pins.includes(field) ? 'Pinned beside the name' : 'Pin beside the name'}
          onClick={() =>
            onPin(pins.includes(field) ? pins.filter((each) => each !== field) : [...pins, field])
          }
        >
          <Icon name="pin" size={13} />
        </button>
      )}
      {on && (
        <button
          type="button"
          style={{ width: 28 }}
          aria-label={`Move ${field} left`}
          onClick={() => onChange(moved(shown, field))}
        >
          ←
        </button>
      )}
    </li>
  );
  return (
    <div>
      <input
        className="field"
        style={{ width: '100%', marginBottom: 4 }}
        placeholder="Find a column"
        aria-label="Find a column"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <ul>
        {shown
          .filter((field) => field.toLowerCase().includes(words.toLowerCase()))
          .map((field) => line(field, true))}
      </ul>
      <hr style={{ border: 0, borderTop: '1px solid var(--line)' }} />
      <ul>{others.map((field) => line(field, false))}</ul>
      {(found.data?.length ?? 0) >= FOUND_MAX && (
        <p className="quiet small" style={{ padding: 8 }}>
          More match; type a part of the name.
        </p>
      )}
      <button type="button" onClick={() => onChange(null)}>
        Back to the columns picked by themselves
      </button>
    </div>
  );
}

function moved(shown: string[], field: string): string[] {
  const at = shown.indexOf(field);
  if (at <= 0) return shown;
  const next = [...shown];
  [next[at - 1], next[at]] = [next[at], next[at - 1]];
  return next;
}
