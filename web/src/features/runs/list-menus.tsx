// What stands beside the filter: grouping, and runs as a file. Never asks for the runs themselves.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { exportAddress } from '@/data/charts';
import { fields as fieldsQuery } from '@/data/queries';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { Picker, toggled } from '@/ui/picker';
import { GROUP_FIELDS } from './model';

const FOUND_MAX = 40;
const BY_MAX = 4;

export interface Place {
  entity: string;
  project: string;
}

export function GroupBy({
  entity,
  project,
  by,
  onChange,
}: Place & { by: string[]; onChange: (by: string[]) => void }) {
  return (
    <Menu
      label={
        <>
          <Icon name="group" />{' '}
          <span className="cut group-words">{by.length ? `By ${by.join(', ')}` : 'Group'}</span>
        </>
      }
      title="Group by"
      width={280}
    >
      <GroupFields entity={entity} project={project} by={by} onChange={onChange} />
    </Menu>
  );
}

function GroupFields({
  entity,
  project,
  by,
  onChange,
}: Place & { by: string[]; onChange: (by: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const words = useDeferredValue(typed);
  const known = useQuery(fieldsQuery(entity, project, words || 'config.', FOUND_MAX));
  return (
    <Picker
      find="Find a field to group by"
      typed={typed}
      onTyped={setTyped}
      names={[...new Set([...by, ...GROUP_FIELDS, ...(known.data ?? [])])]}
      on={by}
      onToggle={(field) => onChange(toggled(by, field))}
      full={by.length >= BY_MAX}
    >
      <button type="button" disabled={by.length === 0} onClick={() => onChange([])}>
        Do not group
      </button>
    </Picker>
  );
}

export function Export({
  entity,
  project,
  filters,
  order,
  onPython,
}: Place & { filters: string; order: string; onPython: () => void }) {
  return (
    <Menu
      label={
        <>
          <Icon name="download" /> Export
        </>
      }
      title="Export the runs that match"
    >
      {(close) => (
        <>
          {(['csv', 'parquet'] as const).map((form) => (
            <a
              key={form}
              className="menu-link"
              download
              href={exportAddress(entity, project, filters, order, form)}
              onClick={close}
            >
              {form === 'csv' ? 'CSV' : 'Parquet'}
            </a>
          ))}
          <button
            type="button"
            onClick={() => {
              close();
              onPython();
            }}
          >
            Copy as Python <span className="grow" />
            <kbd>Shift Y</kbd>
          </button>
        </>
      )}
    </Menu>
  );
}
