// The keys that work on this page. Never acts on one.

import { useState } from 'react';
import { Dialog } from '@/ui/dialog';
import { bindings, keysOn, setKeysOn } from '@/ui/keys';

const ALWAYS: [string, string][] = [
  ['Ctrl K', 'Jump to anything'],
  ['Alt M', 'Light or dark'],
  ['Esc', 'Close what is open'],
];

export default function KeyList({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [on, setOn] = useState(keysOn);
  const rows = open
    ? [...ALWAYS, ...bindings().map((each): [string, string] => [each.keys, each.words])]
    : [];
  return (
    <Dialog open={open} onClose={onClose} title="Keys">
      <div className="body">
        <label className="row">
          <input
            type="checkbox"
            checked={on}
            onChange={(e) => {
              setOn(e.target.checked);
              setKeysOn(e.target.checked);
            }}
          />
          Single keys are on
        </label>
        <table className="plain">
          <tbody>
            {rows.map(([keys, words]) => (
              <tr key={keys + words}>
                <td style={{ width: 110 }}>
                  {keys.split(' ').map((key, i) => (
                    <kbd key={i} style={{ marginRight: 3 }}>
                      {key.length === 1 ? key.toUpperCase() : key}
                    </kbd>
                  ))}
                </td>
                <td>{words}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
