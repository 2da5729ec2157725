// How the connection stands, and news of what changed. Never holds data: it is fetched again.
import { type Message, type Phase, Stream } from './stream';

export interface News {
  entity: string;
  project: string;
  /** The run's number; 0 where a sweep changed. */
  run: number;
  /** The sweep that changed. */
  sweep?: string;
  topics: string[];
}

export interface Standing {
  phase: Phase;
  /** Since when it is so, by this browser's clock. */
  since: number;
  /** When the server was last heard, for "data of 14:03". */
  heard: number;
}

type Listener = (news: News | 'everything') => void;

/** The one connection of this page: through a worker shared by all tabs where there is one. */
export class Live {
  standing: Standing = { phase: 'connecting', since: 0, heard: 0 };
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Set<Listener>();
  private send: ((word: string) => void) | null = null;

  constructor(private readonly now: () => number) {}

  start(): void {
    if (this.send) return;
    this.standing = { phase: 'connecting', since: this.now(), heard: this.now() };
    this.send = typeof SharedWorker === 'undefined' ? this.alone() : this.shared();
    addEventListener('pagehide', () => this.send?.('bye'));
    addEventListener('pageshow', (event) => {
      if (event.persisted) {
        this.send = null;
        this.start();
      }
    });
    addEventListener('online', () => this.send?.('wake'));
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.send?.('wake');
    });
  }

  wake(): void {
    this.send?.('wake');
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private shared(): (word: string) => void {
    const worker = new SharedWorker(new URL('./live.worker.ts', import.meta.url), {
      type: 'module',
      name: 'heartline-live',
    });
    worker.port.onmessage = ({ data }) => {
      if (data.phase) this.phase(data.phase);
      if (data.message) this.message(data.message);
    };
    worker.port.start();
    return (word) => worker.port.postMessage(word);
  }

  private alone(): (word: string) => void {
    const stream = new Stream('/api/v1/events', {
      phase: (phase) => this.phase(phase),
      message: (message) => this.message(message),
    });
    void stream.listen();
    return (word) => (word === 'bye' ? stream.stop() : stream.wake());
  }

  private phase(phase: Phase): void {
    if (phase === this.standing.phase) return;
    const lostBefore = this.standing.phase === 'lost' || this.standing.phase === 'connecting';
    // Between two tries nothing has changed for those who look: it is lost until it is live.
    if (this.standing.phase === 'lost' && phase === 'connecting') return;
    const now = this.now();
    const heard = phase === 'live' ? now : this.standing.heard;
    this.standing = { phase, since: now, heard };
    if (phase === 'live' && lostBefore) this.tell('everything');
    for (const watcher of this.watchers) watcher();
  }

  private message(message: Message): void {
    this.standing = { ...this.standing, heard: this.now() };
    if (message.event === 'run') this.tell(JSON.parse(message.data) as News);
    if (message.event === 'sweep') this.tell({ ...(JSON.parse(message.data) as News), run: 0 });
    if (message.event === 'behind') this.tell('everything');
  }

  private tell(news: News | 'everything'): void {
    for (const listener of this.listeners) listener(news);
  }
}

export const live = new Live(() => Date.now());
