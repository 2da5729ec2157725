// A tree of values as searchable lines.
import { type ReactNode, useState } from 'react';
import type { Json } from '@/data/records';
import { plural, setting } from '@/lib/format';
import { Card } from '@/ui/parts';
import { flat, internal } from './model';

const SHOWN_MAX = 300;
const SEARCH_FROM = 12;

export function Values({ title, values }: { title: string; values: Record<string, Json> }) {
  const [typed, setTyped] = useState('');
  const all = flat(values);
  const found = all.filter(([key, value]) =>
    `${key} ${JSON.stringify(value)}`.toLowerCase().includes(typed.toLowerCase()),
  );
  const plain = found.filter(([key]) => typed || !internal(key));
  const folded = found.filter(([key]) => !typed && internal(key));
  const own = all.filter(([key]) => !internal(key)).length;
  return (
    <Card title={title} note={plural(own, 'key')}>
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
      {all.length === 0 ? <p className="quiet">None was given.</p> : <Lines values={plain} />}
      {folded.length > 0 && (
        <Folded keys={folded.length}>
          <Lines values={folded} />
        </Folded>
      )}
    </Card>
  );
}

function Lines({ values }: { values: [string, Json][] }) {
  return (
    <>
      <dl className="pairs mono-keys">
        {values.slice(0, SHOWN_MAX).flatMap(([key, value]) => [
          <dt key={`k${key}`} className="any">
            <code>{key}</code>
          </dt>,
          <dd key={`v${key}`}>{setting(value)}</dd>,
        ])}
      </dl>
      {values.length > SHOWN_MAX && (
        <p className="quiet small">{values.length - SHOWN_MAX} more; search for them.</p>
      )}
    </>
  );
}

/** What clients note for themselves, for those who open it. */
export function Folded({ keys, children }: { keys: number; children: ReactNode }) {
  return (
    <details className="folded">
      <summary className="quiet small">{plural(keys, 'internal key')}</summary>
      {children}
    </details>
  );
}
