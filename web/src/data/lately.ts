// What was told a moment ago, for pages that asked for their data before they listened. Pure.
import type { Message } from './stream';

export interface News {
  entity: string;
  project: string;
  /** The run's number; 0 where a sweep changed. */
  run: number;
  /** The sweep that changed. */
  sweep?: string;
  topics: string[];
}

/** As a greeting says it: each with its age, complete for so many milliseconds back. */
export interface Told {
  recent: (News & { age_ms: number })[];
  recent_ms: number;
}

const KEPT_MAX = 500;

/** News of a message, if it is one of news. */
export function newsOf({ event, data }: Message): News | null {
  if (event !== 'run' && event !== 'sweep') return null;
  const news = JSON.parse(data) as News;
  return { ...news, run: news.run ?? 0 };
}

export class Lately {
  private kept: { news: News; at: number }[] = [];
  /** All that was told since then is kept. */
  private since = Number.POSITIVE_INFINITY;

  constructor(private readonly now: () => number) {}

  /** What a stream said; a greeting begins anew. */
  take(message: Message): void {
    if (message.event === 'hello') this.greeted(JSON.parse(message.data) as Partial<Told>);
    const news = newsOf(message);
    if (!news) return;
    this.kept.push({ news, at: this.now() });
    if (this.kept.length > KEPT_MAX) this.since = this.kept.shift()?.at ?? this.since;
  }

  greeted({ recent = [], recent_ms = 0 }: Partial<Told>): void {
    const now = this.now();
    this.since = now - recent_ms;
    this.kept = recent.map(({ age_ms, ...news }) => ({
      news: { ...news, run: news.run ?? 0 },
      at: now - age_ms,
    }));
  }

  /** For somebody else to go on from. */
  told(): Told {
    const now = this.now();
    const recent = this.kept.map(({ news, at }) => ({ ...news, age_ms: now - at }));
    return { recent, recent_ms: now - this.since };
  }

  /** What was told in so long a time; null where not all of it is known. */
  within(ms: number): News[] | null {
    const from = this.now() - ms;
    if (from < this.since) return null;
    return this.kept.filter(({ at }) => at >= from).map(({ news }) => news);
  }
}
