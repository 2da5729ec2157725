// The filter as text of the API's own language, with what could come next. Never parses it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { fields, values } from '@/data/queries';
import { completion, quoted } from '@/lib/query';
import { Icon } from '@/ui/icons';
import { useKeys } from '@/ui/keys';

const PLAIN = [
  'state',
  'name',
  'tags',
  'user',
  'host',
  'cause',
  'group',
  'job_type',
  'created',
  'ended',
  'duration',
  'last_step',
  'attempt',
  'confidence',
  'client',
  'notes',
  'id',
  'sweep',
];
const TYPING_MS = 220;
const SHOWN_MAX = 10;

export function QueryBox({
  entity,
  project,
  query,
  onChange,
  error,
}: {
  entity: string;
  project: string;
  query: string;
  onChange: (query: string, done: boolean) => void;
  error?: string;
}) {
  const [text, setText] = useState(query);
  const [open, setOpen] = useState(false);
  const [chosen, choose] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(query);
  const list = useId();
  useEffect(() => {
    if (query !== sent.current) {
      sent.current = query;
      setText(query);
    }
  }, [query]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text, false);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  useKeys([
    { keys: '/', words: 'Filter runs', act: () => input.current?.focus() },
    { keys: 'f', words: 'Filter runs', act: () => input.current?.focus() },
  ]);
  const found = useSuggestions(entity, project, text, open);
  const take = (suggestion: string) => {
    const { from } = completion(text);
    setText(`${text.slice(0, from)}${suggestion} `);
    choose(-1);
    input.current?.focus();
  };
  const pressed = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      choose(
        Math.max(-1, Math.min(found.length - 1, chosen + (event.key === 'ArrowDown' ? 1 : -1))),
      );
    } else if (event.key === 'Enter') {
      if (open && chosen >= 0) take(found[chosen]);
      else {
        sent.current = text;
        onChange(text, true);
        setOpen(false);
      }
    } else if (event.key === 'Tab' && open && chosen >= 0) {
      event.preventDefault();
      take(found[chosen]);
    } else if (event.key === 'Escape') {
      if (open) setOpen(false);
      else input.current?.blur();
    }
  };
  const shown = open && found.length > 0;
  return (
    <div className="query-box">
      <div className={`query-field ${error ? 'wrong' : ''}`}>
        <Icon name="search" />
        <input
          ref={input}
          value={text}
          spellCheck={false}
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={shown}
          aria-controls={list}
          aria-activedescendant={shown && chosen >= 0 ? `${list}-${chosen}` : undefined}
          aria-invalid={Boolean(error)}
          placeholder="Filter: name, or config.lr > 1e-4 and cause = out_of_memory"
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
            choose(-1);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={pressed}
        />
        {text ? (
          <button
            type="button"
            className="button plain icon"
            aria-label="Clear the filter"
            onClick={() => {
              setText('');
              sent.current = '';
              onChange('', true);
            }}
          >
            <Icon name="close" size={12} />
          </button>
        ) : (
          <kbd>F</kbd>
        )}
      </div>
      <ul className="suggestions" id={list} role="listbox" aria-label="Suggestions" hidden={!shown}>
        {found.map((each, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field
          <li
            key={each}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(each)}
          >
            <code className="cut">{each}</code>
          </li>
        ))}
      </ul>
      {error && (
        <p className="small any hue-failed" style={{ color: 'var(--hue)' }} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function useSuggestions(entity: string, project: string, text: string, open: boolean): string[] {
  const next = completion(text);
  const isField = next.kind === 'field';
  const known = useQuery({
    ...fields(entity, project, next.typed, 30),
    enabled: open && isField && next.typed.length > 0,
  });
  const said = useQuery({
    ...values(entity, project, next.field, 20),
    enabled: open && !isField,
    retry: false,
  });
  if (!isField) {
    return (said.data ?? [])
      .map(([value]) => quoted(value))
      .filter(
        (value) => value.toLowerCase().includes(next.typed.toLowerCase()) && value !== next.typed,
      )
      .slice(0, SHOWN_MAX);
  }
  const typed = next.typed.toLowerCase();
  const plain = PLAIN.filter((field) => field.startsWith(typed));
  const rest = (known.data ?? []).filter((field) => field !== next.typed);
  return [...plain.filter((field) => field !== next.typed), ...rest].slice(0, SHOWN_MAX);
}
