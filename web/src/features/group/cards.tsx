// What differs between members, and where they run. Never counts more than it was given.
import { useState } from 'react';
import type { Json, RunView } from '@/data/records';
import { count, number, plural, setting } from '@/lib/format';
import { BADGES } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { HostLink } from '@/ui/host-link';
import { Card } from '@/ui/parts';
import { type Difference, places } from './model';

const FIELDS_SHOWN = 12;
const VALUES_SHOWN = 4;
const HOSTS_SHOWN = 12;

export function Differing({
  differ,
  same,
  members,
  total,
}: {
  differ: readonly Difference[];
  same: number;
  members: number;
  total: number;
}) {
  const [all, showAll] = useState(false);
  const shown = all ? differ : differ.slice(0, FIELDS_SHOWN);
  const of = members < total ? `, of the newest ${count(members)} members` : '';
  return (
    <Card title="Config that differs" note={`${plural(same, 'setting')} the same${of}`}>
      {differ.length === 0 ? (
        <p className="quiet">
          {same > 0 ? 'All members have the same settings.' : 'No member has a configuration.'}
        </p>
      ) : (
        <dl className="pairs mono-keys">
          {shown.flatMap(({ field, values }) => [
            <dt key={`k${field}`} className="any">
              <code>{field}</code>
            </dt>,
            <dd key={`v${field}`} className="any">
              {valuesWords(values, members)}
            </dd>,
          ])}
        </dl>
      )}
      {shown.length < differ.length && (
        <button type="button" className="button plain" onClick={() => showAll(true)}>
          {differ.length - shown.length} more
        </button>
      )}
    </Card>
  );
}

/** `0.1 × 6, 0.2 × 2`, or how many values there are and how far they reach. */
export function valuesWords(values: Difference['values'], members: number): string {
  const words = (value: Json | undefined) => (value === undefined ? 'not set' : setting(value));
  if (values.length <= VALUES_SHOWN)
    return values.map(([value, n]) => (n > 1 ? `${words(value)} × ${n}` : words(value))).join(', ');
  const numbers = values.map(([value]) => value).filter((value) => typeof value === 'number');
  const kinds = values.length === members ? 'each another' : `${count(values.length)} values`;
  if (numbers.length < values.length) return `${kinds}: ${words(values[0][0])}, …`;
  return `${kinds}, ${number(Math.min(...numbers))} to ${number(Math.max(...numbers))}`;
}

export function Hosts({ runs }: { runs: readonly RunView[] }) {
  const [all, showAll] = useState(false);
  const found = places(runs);
  const shown = all ? found : found.slice(0, HOSTS_SHOWN);
  if (found.length === 0) return null;
  return (
    <Card title="Hosts" note={count(found.length)}>
      <ul className="group-hosts">
        {shown.map(({ host, state, members, live }) => (
          <li key={host} className={`row hue-${BADGES[state].hue}`}>
            <Glyph state={state} size={13} />
            <HostLink host={host} />
            <span className="quiet small">
              {plural(members, 'member')}
              {live > 0 && `, ${live} live`}; worst {BADGES[state].word.toLowerCase()}
            </span>
          </li>
        ))}
      </ul>
      {shown.length < found.length && (
        <button type="button" className="button plain" onClick={() => showAll(true)}>
          {found.length - shown.length} more
        </button>
      )}
    </Card>
  );
}
