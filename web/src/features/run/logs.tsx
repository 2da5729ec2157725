// The console: a window over as many lines as there are, following the end if asked.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { consolePage, consoleTail, type RunPath } from '@/data/queries';
import type { ConsoleLine } from '@/data/records';
import { clock, count, moment } from '@/lib/format';
import { useKeys } from '@/ui/keys';
import { CopyButton, ErrorCard } from '@/ui/parts';
import { useStoredFlag } from '@/ui/stored';
import { AnsiLine } from './ansi-line';
import { MATCHES_MAX, useLogSearch } from './log-search';
import { useRun } from './path';

const PAGE = 500;
const LINE = 18;

export function RunLogs() {
  const { path } = useRun();
  const search = useSearch({ strict: false }) as { q?: string; line?: string };
  const [typed, setTyped] = useState(search.q ?? '');
  const words = useDeferredValue(typed.trim());
  const [stream, setStream] = useState('all');
  const [follow, setFollow] = useState(!search.line);
  const [wrap, setWrap] = useStoredFlag('logs.wrap', false);
  const [stamps, setStamps] = useStoredFlag('logs.stamps', true);
  const tail = useQuery(consoleTail(path, 1));
  const total = tail.data?.total ?? 0;
  const found = useLogSearch(path, words, stream, total);
  const field = useRef<HTMLInputElement>(null);
  useKeys([{ keys: '/', words: 'Search the log', act: () => field.current?.focus() }]);
  if (tail.error) return <ErrorCard error={tail.error} retry={() => void tail.refetch()} />;
  return (
    <section className="card logs" aria-label="Log">
      <header className="wrap">
        <input
          ref={field}
          className="field"
          style={{ width: 220 }}
          placeholder="Search the log"
          aria-label="Search the log"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div className="segmented" role="group" aria-label="Streams">
          {['all', 'stdout', 'stderr'].map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={stream === each}
              onClick={() => setStream(each)}
            >
              {each}
            </button>
          ))}
        </div>
        <label className="row">
          <input
            type="checkbox"
            checked={follow}
            onChange={(event) => setFollow(event.target.checked)}
          />{' '}
          Follow
        </label>
        <label className="row only-wide">
          <input
            type="checkbox"
            checked={stamps}
            onChange={(event) => setStamps(event.target.checked)}
          />{' '}
          Times
        </label>
        <label className="row only-wide">
          <input
            type="checkbox"
            checked={wrap}
            onChange={(event) => setWrap(event.target.checked)}
          />{' '}
          Wrap
        </label>
        <span className="grow" />
        <span className="quiet small" role={found ? 'status' : undefined}>
          {found
            ? `${count(found.matches.length)}${found.matches.length >= MATCHES_MAX ? ' (the first)' : ''} of ${count(found.looked)} lines${found.done ? '' : '…'}`
            : `${count(total)} lines`}
        </span>
        <CopyAll path={path} total={total} />
      </header>
      {found?.error ? <ErrorCard error={found.error} /> : null}
      {tail.data && total === 0 ? (
        <p className="quiet" style={{ padding: 16 }}>
          Nothing was printed yet. Lines appear here as they come.
        </p>
      ) : found ? (
        <Lines
          count={found.matches.length}
          at={(i) => found.matches[i]}
          look={{ wrap, stamps, mark: words, follow: false, start: null }}
        />
      ) : (
        <Pages
          path={path}
          total={total}
          look={{ wrap, stamps, mark: '', follow, start: search.line ? Number(search.line) : null }}
          onScrollUp={() => setFollow(false)}
        />
      )}
    </section>
  );
}

interface Look {
  wrap: boolean;
  stamps: boolean;
  mark: string;
  follow: boolean;
  start: number | null;
}

function Pages({
  path,
  total,
  look,
  onScrollUp,
}: {
  path: RunPath;
  total: number;
  look: Look;
  onScrollUp: () => void;
}) {
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const pages = useMemo(() => {
    const wanted = [];
    for (let i = Math.floor(range[0] / PAGE); i <= Math.floor(range[1] / PAGE); i += 1)
      wanted.push(i);
    return wanted;
  }, [range]);
  const answers = useQueries({
    queries: pages.map((i) =>
      consolePage(path, i * PAGE, Math.max(1, Math.min(PAGE, total - i * PAGE))),
    ),
  });
  const at = (index: number) => {
    const line = answers[pages.indexOf(Math.floor(index / PAGE))]?.data?.lines[index % PAGE];
    return line ? { index, line } : null;
  };
  return (
    <Lines
      count={total}
      at={at}
      look={look}
      onRange={(from, to) =>
        setRange((now) => (now[0] === from && now[1] === to ? now : [from, to]))
      }
      onScrollUp={onScrollUp}
    />
  );
}

function Lines({
  count: many,
  at,
  look,
  onRange,
  onScrollUp,
}: {
  count: number;
  at: (index: number) => { index: number; line: ConsoleLine } | null;
  look: Look;
  onRange?: (from: number, to: number) => void;
  onScrollUp?: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const last = useRef(0);
  const rows = useVirtualizer({
    count: many,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 30,
    onChange: (it) => {
      const items = it.getVirtualItems();
      if (items.length > 0) onRange?.(items[0].index, items[items.length - 1].index);
    },
  });
  useEffect(() => {
    if (look.follow && many > 0) rows.scrollToIndex(many - 1, { align: 'end' });
  }, [look.follow, many, rows]);
  const some = many > 0;
  useEffect(() => {
    if (look.start !== null && some) rows.scrollToIndex(look.start, { align: 'center' });
  }, [look.start, some, rows]);
  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    if (
      element.scrollTop < last.current - 4 &&
      element.scrollTop + element.clientHeight < element.scrollHeight - 40
    )
      onScrollUp?.();
    last.current = element.scrollTop;
  };
  return (
    <div
      ref={box}
      className={`log-lines ${look.wrap ? 'wrapped' : ''}`}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Lines"
      onWheel={(event) => event.deltaY < 0 && scrolled()}
      onScroll={scrolled}
    >
      <div
        style={{
          height: rows.getTotalSize(),
          position: 'relative',
          minWidth: look.wrap ? undefined : 'max-content',
        }}
      >
        {rows.getVirtualItems().map((item) => {
          const found = at(item.index);
          return (
            <div
              key={item.index}
              data-index={item.index}
              ref={look.wrap ? rows.measureElement : undefined}
              className={`log-line ${found?.line[1] === 'stderr' ? 'stderr' : ''}`}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <a className="log-number" href={`?line=${found?.index ?? item.index}`} tabIndex={-1}>
                {(found?.index ?? item.index) + 1}
              </a>
              {look.stamps && (
                <span className="log-time" title={moment(found?.line[2])}>
                  {found ? clock(found.line[2], found.line[2]) : ''}
                </span>
              )}
              <span className="log-text">
                {found ? <AnsiLine text={found.line[3]} mark={look.mark} /> : ''}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

const COPIED_MAX = 2_000;

function CopyAll({ path, total }: { path: RunPath; total: number }) {
  const found = useQuery({ ...consoleTail(path, COPIED_MAX), enabled: false });
  const text = found.data?.lines.map((line) => line[3]).join('\n');
  if (total === 0) return null;
  if (text !== undefined)
    return <CopyButton text={text} label={`Copy ${count(Math.min(total, COPIED_MAX))} lines`} />;
  return (
    <button type="button" className="button" onClick={() => void found.refetch()}>
      Copy…
    </button>
  );
}
