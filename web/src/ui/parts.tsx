// Small parts of pages: cards, empty places, errors, code to copy, times. Never fetches.
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { ago, clock, moment, plural } from '@/lib/format';

export function Card({
  title,
  note,
  aside,
  children,
  className = '',
  id,
}: {
  title: ReactNode;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  id?: string;
}) {
  return (
    <section className={`card ${className}`} id={id}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span className="quiet small">{note}</span>}
        <span className="grow" />
        {aside}
      </header>
      <div className="body">{children}</div>
    </section>
  );
}

export function Pairs({ items }: { items: [ReactNode, ReactNode][] }) {
  return (
    <dl className="pairs">
      {items.map(([name, value], i) => (
        <Pair key={i} name={name} value={value} />
      ))}
    </dl>
  );
}

function Pair({ name, value }: { name: ReactNode; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** Of very many live runs those are shown that were heard the longest ago. */
export function NotLookedAt({ runs }: { runs: number }) {
  if (runs === 0) return null;
  return (
    <span className="quiet">
      {plural(runs, 'other live run')} {runs === 1 ? 'was' : 'were'} not looked at: heard more
      lately than these.
    </span>
  );
}

export function ErrorCard({ error, retry }: { error: unknown; retry?: () => void }) {
  const words = error instanceof Error ? error.message : String(error);
  return (
    <div className="card error-card" role="alert">
      <div className="body row wrap">
        <span className="grow any">{words}</span>
        {retry && (
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div className="stack" aria-busy="true">
      <span className="unseen">Loading</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className="skeleton" style={{ width: `${70 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      className="button"
      onClick={() => void copy(text).then(() => setDone(true))}
    >
      {done ? 'Copied' : label}
    </button>
  );
}

/** Also where the clipboard is kept from pages without TLS. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyBlock({ text }: { text: string }) {
  return (
    <div className="copy-block">
      <pre className="block" tabIndex={0}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}

const SECOND_MS = 1_000;
const tickers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let tick = Date.now();

function onTick(watcher: () => void): () => void {
  tickers.add(watcher);
  if (!timer) {
    tick = Date.now();
    timer = setInterval(() => {
      tick = Date.now();
      for (const each of tickers) each();
    }, SECOND_MS);
  }
  return () => {
    tickers.delete(watcher);
    if (tickers.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The time, once a second, for all who show ages. */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => (timer ? tick : Date.now() - (Date.now() % SECOND_MS)));
}

export function Ago({ at }: { at: number | null | undefined }) {
  const now = useNow();
  return <time title={moment(at)}>{ago(at, now)}</time>;
}

export function At({ at }: { at: number | null | undefined }) {
  const now = useNow();
  return <time title={moment(at)}>{clock(at, now)}</time>;
}
