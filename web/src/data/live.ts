// How the connection stands, and news of what changed. Never holds data: it is fetched again.
import { Lately, type News, newsOf } from './lately';
import { type Message, type Phase, Stream } from './stream';

export type { News } from './lately';

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
  private readonly lately: Lately;
  private send: ((word: string) => void) | null = null;

  /** `age` is for how long this page has been asking. */
  constructor(
    private readonly now: () => number,
    private readonly age: () => number = () => performance.now(),
  ) {
    this.lately = new Lately(now);
  }

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
      if (data.told) this.lately.greeted(data.told);
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
    const { phase: before } = this.standing;
    // Between two tries nothing has changed for those who look: it is lost until it is live.
    if (this.standing.phase === 'lost' && phase === 'connecting') return;
    const now = this.now();
    const heard = phase === 'live' ? now : this.standing.heard;
    this.standing = { phase, since: now, heard };
    if (phase === 'live' && before === 'lost') this.tell('everything');
    if (phase === 'live' && before === 'connecting') this.begin();
    for (const watcher of this.watchers) watcher();
  }

  /** What was asked before this page listened is asked again where it has changed meanwhile. */
  private begin(): void {
    const missed = this.lately.within(this.age());
    if (missed) for (const news of missed) this.tell(news);
    else this.tell('everything');
  }

  private message(message: Message): void {
    this.standing = { ...this.standing, heard: this.now() };
    this.lately.take(message);
    const news = newsOf(message);
    if (news) this.tell(news);
    if (message.event === 'behind') this.tell('everything');
  }

  private tell(news: News | 'everything'): void {
    for (const listener of this.listeners) listener(news);
  }
}

export const live = new Live(() => Date.now());
