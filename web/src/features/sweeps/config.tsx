// The configuration as it was given, and what it makes of each parameter.
import { useMemo, useState } from 'react';
import type { Json } from '@/data/records';
import { type Exact, parseExact } from '@/lib/exact';
import { count, number, plural } from '@/lib/format';
import { yaml } from '@/lib/yaml';
import { Card, CopyBlock, Skeleton } from '@/ui/parts';
import { breakerWords, earlyWords } from './model';
import { useSweep } from './use-sweep';

const SHOWN_MAX = 300;
const SEARCH_FROM = 12;
const WORDS_MAX = 200;

export function SweepConfig() {
  const { found } = useSweep();
  if (!found.data) return <Skeleton />;
  const { config, parameters, text } = found.data;
  return (
    <div className="sweep-config">
      <Given text={text} />
      <div className="stack">
        <Parameters parameters={parameters} />
        <Card title="When trials and the sweep stop">
          <p>{earlyWords(config) || 'No trial is stopped early.'}</p>
          <p>{breakerWords(config)}</p>
          {typeof config.run_cap === 'number' && (
            <p>At most {plural(config.run_cap, 'trial')} are made: run_cap.</p>
          )}
        </Card>
      </div>
    </div>
  );
}

function Given({ text: answer }: { text: string }) {
  const [form, choose] = useState<'YAML' | 'JSON'>('YAML');
  const config = useMemo(() => (parseExact(answer) as { config: Exact }).config, [answer]);
  const text = form === 'YAML' ? yaml(config) : JSON.stringify(config, null, 2);
  return (
    <Card
      title="Configuration"
      note="as given"
      aside={
        <div className="segmented" role="group" aria-label="Written as">
          {(['YAML', 'JSON'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={form === each}
              onClick={() => choose(each)}
            >
              {each}
            </button>
          ))}
        </div>
      }
    >
      <CopyBlock text={text} />
    </Card>
  );
}

function Parameters({ parameters }: { parameters: readonly Record<string, Json>[] }) {
  const [typed, setTyped] = useState('');
  const found = parameters.filter((each) =>
    String(each.name).toLowerCase().includes(typed.toLowerCase()),
  );
  return (
    <Card title="Parameters" note={count(parameters.length)}>
      {parameters.length > SEARCH_FROM && (
        <input
          className="field"
          style={{ width: '100%', marginBottom: 6 }}
          placeholder="Find a parameter"
          aria-label="Find a parameter"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <dl className="pairs mono-keys">
        {found.slice(0, SHOWN_MAX).flatMap((each) => [
          <dt key={`k${each.name}`} className="any">
            <code>{String(each.name)}</code>
          </dt>,
          <dd key={`v${each.name}`}>{spaceWords(each)}</dd>,
        ])}
      </dl>
      {found.length > SHOWN_MAX && (
        <p className="quiet small">{found.length - SHOWN_MAX} more; search for them.</p>
      )}
    </Card>
  );
}

/** What a parameter may be, in one line. */
function spaceWords(each: Record<string, Json>): string {
  const kind = String(each.distribution ?? '').replaceAll('_', ' ');
  const values = Array.isArray(each.values) ? each.values : [];
  const odds = Array.isArray(each.probabilities) ? each.probabilities : [];
  if (kind === 'constant') return `always ${said(values[0])}`;
  if (values.length > 0) {
    const words = values.map((value, i) =>
      odds.length === values.length ? `${said(value)} (${number(odds[i], 3)})` : said(value),
    );
    const text = words.join(', ');
    return `one of ${text.length > WORDS_MAX ? `${text.slice(0, WORDS_MAX)}… (${values.length})` : text}`;
  }
  const numbers = Object.entries((each.numbers ?? {}) as Record<string, Json>);
  return `${kind}: ${numbers.map(([name, value]) => `${name} ${number(value)}`).join(', ')}`;
}

function said(value: Json | undefined): string {
  return typeof value === 'string' ? value : number(value);
}
