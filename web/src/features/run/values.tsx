// A tree of values as searchable lines.
import { useState } from 'react';
import type { Json } from '@/data/records';
import { count, setting } from '@/lib/format';
import { Card } from '@/ui/parts';
import { flat } from './model';

const SHOWN_MAX = 300;
const SEARCH_FROM = 12;

export function Values({ title, values }: { title: string; values: Record<string, Json> }) {
  const [typed, setTyped] = useState('');
  const all = flat(values);
  const found = all.filter(([key, value]) =>
    `${key} ${JSON.stringify(value)}`.toLowerCase().includes(typed.toLowerCase()),
  );
  return (
    <Card title={title} note={`${count(all.length)} ${all.length === 1 ? 'key' : 'keys'}`}>
      {all.length > SEARCH_FROM && (
        <input
          className="field"
          style={{ width: '100%', marginBottom: 6 }}
          placeholder={`Find in ${title.toLowerCase()}`}
          aria-label={`Find in ${title.toLowerCase()}`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {all.length === 0 ? (
        <p className="quiet">None was given.</p>
      ) : (
        <dl className="pairs mono-keys">
          {found.slice(0, SHOWN_MAX).flatMap(([key, value]) => [
            <dt key={`k${key}`} className="any">
              <code>{key}</code>
            </dt>,
            <dd key={`v${key}`}>{setting(value)}</dd>,
          ])}
        </dl>
      )}
      {found.length > SHOWN_MAX && (
        <p className="quiet small">{found.length - SHOWN_MAX} more; search for them.</p>
      )}
    </Card>
  );
}
