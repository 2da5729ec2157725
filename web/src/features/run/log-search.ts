// Looking through a whole log, page by page, as far as it goes. Never holds the lines that do not match.
import { useEffect, useState } from 'react';
import { consoleLines, type RunPath } from '@/data/queries';
import type { ConsoleLine } from '@/data/records';
import { plain } from '@/lib/ansi';

export interface Match {
  index: number;
  line: ConsoleLine;
}

export interface Found {
  matches: Match[];
  looked: number;
  done: boolean;
  error: unknown;
}

const PAGE = 10_000;
/** Pages asked for before they are looked at: a long log is read as fast as the server tells it. */
const AHEAD = 3;
export const MATCHES_MAX = 20_000;

export function useLogSearch(
  path: RunPath,
  words: string,
  stream: string,
  total: number,
): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  const { entity, project, id } = path;
  const active = words !== '' || stream !== 'all';
  // While a log grows, what is new is looked at once it has grown by a page, or when asked anew.
  const reach = Math.ceil(total / PAGE);
  useEffect(() => {
    if (!active) {
      setFound(null);
      return;
    }
    const stop = new AbortController();
    void look(
      { entity, project, id },
      words.toLowerCase(),
      stream,
      reach * PAGE,
      stop.signal,
      setFound,
    );
    return () => stop.abort();
  }, [entity, project, id, words, stream, active, reach]);
  return active ? found : null;
}

async function look(
  path: RunPath,
  words: string,
  stream: string,
  total: number,
  signal: AbortSignal,
  tell: (found: Found) => void,
): Promise<void> {
  const matches: Match[] = [];
  let looked = 0;
  try {
    const pages = told(path, Math.max(total, 1), signal);
    for (let first = 0; matches.length < MATCHES_MAX; first += PAGE) {
      const page = await pages();
      if (!page) break;
      page.lines.forEach((line, i) => {
        if (stream !== 'all' && line[1] !== stream) return;
        if (words && !plain(line[3]).toLowerCase().includes(words)) return;
        if (matches.length < MATCHES_MAX) matches.push({ index: first + i, line });
      });
      looked = first + page.lines.length;
      tell({ matches: [...matches], looked, done: false, error: null });
      if (page.lines.length < PAGE) break;
    }
    tell({ matches, looked, done: true, error: null });
  } catch (error) {
    if (!signal.aborted) tell({ matches, looked, done: true, error });
  }
}

/** Page after page, in order, some of them under way; null after the last. */
function told(path: RunPath, total: number, signal: AbortSignal) {
  const under: ReturnType<typeof consoleLines>[] = [];
  let next = 0;
  return async () => {
    while (under.length < AHEAD && next < total) {
      const asked = consoleLines(path, next, PAGE, signal);
      // Whoever stops looking does not wait for what is still under way.
      asked.catch(() => undefined);
      under.push(asked);
      next += PAGE;
    }
    return under.shift() ?? null;
  };
}
