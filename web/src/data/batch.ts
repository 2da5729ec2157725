// Charts that are asked for at the same moment, asked of the server together. Never keeps an answer.
import { ApiError, asked, params } from './client';
import { decode, type Envelope } from './frames';
import type { WindowQuery } from './records';

/** Lines in one request: so few that the first charts do not wait for the last. */
export const LINES_MAX = 48;

interface Waiting {
  key: string;
  signal: AbortSignal;
  done: (found: Envelope[]) => void;
  failed: (error: unknown) => void;
}

interface Batch {
  query: WindowQuery;
  system: boolean;
  waiting: Waiting[];
}

const open = new Map<string, Batch>();

/** The envelopes of one chart; it shares its request with those that differ by their key only. */
export function envelopes(
  query: WindowQuery,
  system: boolean,
  signal: AbortSignal,
): Promise<Envelope[]> {
  if (query.keys.length !== 1) return ask(query, system, signal);
  const name = JSON.stringify([{ ...query, keys: [] }, system]);
  return new Promise((done, failed) => {
    let batch = open.get(name);
    if (!batch) {
      batch = { query, system, waiting: [] };
      open.set(name, batch);
      setTimeout(() => send(name));
    }
    batch.waiting.push({ key: query.keys[0], signal, done, failed });
  });
}

async function ask(query: WindowQuery, system: boolean, signal: AbortSignal): Promise<Envelope[]> {
  const path = `/window${params({ system: system ? 1 : 0 })}`;
  const answer = await asked('POST', path, query, signal);
  return decode(await answer.arrayBuffer());
}

function send(name: string): void {
  const batch = open.get(name);
  open.delete(name);
  const wanted = batch?.waiting.filter((each) => !each.signal.aborted) ?? [];
  const size = Math.max(1, Math.floor(LINES_MAX / (batch?.query.runs.length || 1)));
  for (let i = 0; batch && i < wanted.length; i += size) {
    void together({ ...batch, waiting: wanted.slice(i, i + size) });
  }
}

async function together({ query, system, waiting }: Batch): Promise<void> {
  const keys = waiting.map((each) => each.key);
  try {
    const found = await ask({ ...query, keys }, system, whenAll(waiting));
    for (const { key, done } of waiting) done(found.filter((each) => each.key === key));
  } catch (error) {
    for (const { key, signal, done, failed } of waiting) {
      // A refusal may be meant for one of them only.
      if (waiting.length === 1 || !(error instanceof ApiError)) failed(error);
      else ask({ ...query, keys: [key] }, system, signal).then(done, failed);
    }
  }
}

/** A signal to stop when nobody waits any more. */
function whenAll(waiting: readonly Waiting[]): AbortSignal {
  const stop = new AbortController();
  const heard = () => waiting.every(({ signal }) => signal.aborted) && stop.abort();
  for (const { signal } of waiting) signal.addEventListener('abort', heard);
  return stop.signal;
}
