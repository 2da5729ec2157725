// What panels there are besides lines, and how one is added. Kept in the address.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { fields } from '@/data/queries';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { Dialog } from '@/ui/dialog';
import { Icon } from '@/ui/icons';

import { type PanelKind, WORDS } from './panel-kinds';

export default function AddPanel({
  entity,
  project,
  view,
  change,
}: {
  entity: string;
  project: string;
  view: View;
  change: ChangeView;
}) {
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<PanelKind>('scatter');
  const [chosen, choose] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const found = useQuery({ ...fields(entity, project, typed, 80), enabled: open });
  const single = kind === 'bar' || kind === 'importance';
  const need = single ? 1 : 2;
  const add = (event: FormEvent) => {
    event.preventDefault();
    change({ panels: [...view.panels, [kind, ...chosen].join('|')] });
    setOpen(false);
    choose([]);
  };
  const toggle = (field: string) =>
    choose((now) =>
      now.includes(field)
        ? now.filter((each) => each !== field)
        : single
          ? [field]
          : kind === 'scatter'
            ? [...now, field].slice(-2)
            : [...now, field],
    );
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Icon name="plus" size={13} /> Panel
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Add a panel">
        <form onSubmit={add}>
          <div className="body">
            <div className="segmented" role="group" aria-label="Kind">
              {(Object.keys(WORDS) as PanelKind[]).map((each) => (
                <button
                  key={each}
                  type="button"
                  className="grow"
                  aria-pressed={kind === each}
                  onClick={() => {
                    setKind(each);
                    choose([]);
                  }}
                >
                  {WORDS[each]}
                </button>
              ))}
            </div>
            <p className="quiet">
              {kind === 'bar'
                ? 'One value for each run, in the order of the table.'
                : kind === 'scatter'
                  ? 'Two fields: x, then y.'
                  : kind === 'importance'
                    ? 'One metric: which settings say most about its last value.'
                    : 'Two or more fields; the last one colours the lines.'}{' '}
              Lines for every metric are there already.
            </p>
            <p className="row wrap">
              {chosen.map((field) => (
                <span key={field} className="tag">
                  {field}
                </span>
              ))}
            </p>
            <input
              className="field"
              placeholder="Find a field"
              aria-label="Find a field"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <ul className="field-list">
              {found.data?.map((field) => (
                <li key={field}>
                  <label className="row">
                    <input
                      type="checkbox"
                      checked={chosen.includes(field)}
                      onChange={() => toggle(field)}
                    />
                    <span className="cut">{field}</span>
                  </label>
                </li>
              ))}
            </ul>
          </div>
          <footer>
            <button type="button" className="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button type="submit" className="button primary" disabled={chosen.length < need}>
              Add
            </button>
          </footer>
        </form>
      </Dialog>
    </>
  );
}
