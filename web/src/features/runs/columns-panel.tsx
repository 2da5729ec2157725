// Columns to choose from, searched for on the server. Never lists ten thousand keys at once.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { fields } from '@/data/queries';
import { internal } from '@/lib/flat';
import { Icon } from '@/ui/icons';
import { Picker, toggled } from '@/ui/picker';
import { BASE_FIELDS, column } from './model';

const FOUND_MAX = 60;

export interface ColumnsProps {
  entity: string;
  project: string;
  shown: string[];
  /** Those that stay when the table is scrolled sideways. */
  pins: string[];
  onChange: (fields: string[] | null) => void;
  onPin: (pins: string[]) => void;
  /** Settings in which the runs that match are not the same. */
  onDiffering: () => void;
}

export default function Panel({
  entity,
  project,
  shown,
  pins,
  onChange,
  onPin,
  onDiffering,
}: ColumnsProps) {
  const [typed, setTyped] = useState('');
  const found = useQuery(fields(entity, project, useDeferredValue(typed), FOUND_MAX));
  // What clients note for themselves is for those who look for it.
  const others = (found.data ?? []).filter((field) => !internal(field) || typed.includes('_'));
  const names = [...new Set([...shown, ...BASE_FIELDS, ...others])];
  return (
    <Picker
      find="Find a column"
      typed={typed}
      onTyped={setTyped}
      names={names}
      on={shown}
      onToggle={(field) => onChange(toggled(shown, field))}
      words={(field) => (field.includes('.') ? field : column(field).label)}
      more={(found.data?.length ?? 0) >= FOUND_MAX}
      beside={(field) =>
        shown.includes(field) && (
          <>
            <button
              type="button"
              className="icon"
              aria-pressed={pins.includes(field)}
              aria-label={`Pin ${field}`}
              title={pins.includes(field) ? 'Pinned beside the name' : 'Pin beside the name'}
              onClick={() => onPin(toggled(pins, field))}
            >
              <Icon name="pin" size={13} />
            </button>
            <button
              type="button"
              className="icon"
              aria-label={`Move ${field} left`}
              onClick={() => onChange(moved(shown, field))}
            >
              ←
            </button>
          </>
        )
      }
    >
      <button type="button" onClick={onDiffering}>
        Only what differs
      </button>
      <button type="button" onClick={() => onChange(null)}>
        Back to the columns picked by themselves
      </button>
    </Picker>
  );
}

function moved(shown: string[], field: string): string[] {
  const at = shown.indexOf(field);
  if (at <= 0) return shown;
  const next = [...shown];
  [next[at - 1], next[at]] = [next[at], next[at - 1]];
  return next;
}
