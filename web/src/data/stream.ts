// Server-sent events by fetch: resumes, notices silence, says how it stands. Never interprets news.

export type Phase = 'connecting' | 'live' | 'catching-up' | 'lost' | 'signed-out';
export interface Message {
  event: string;
  id: string;
  data: string;
}
export interface Told {
  phase(phase: Phase): void;
  message(message: Message): void;
}

/** The server says something every 15 s; a connection that slept says nothing for longer. */
const SILENCE_MS_MAX = 25_000;
const WAIT_MS_MAX = 3_000;
const WAIT_MS_FIRST = 250;

/** Takes text as it comes, gives whole messages. */
export class Parser {
  private rest = '';

  feed(text: string): Message[] {
    this.rest += text.replaceAll('\r\n', '\n');
    const found: Message[] = [];
    for (let end = this.rest.indexOf('\n\n'); end >= 0; end = this.rest.indexOf('\n\n')) {
      const message = block(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
      if (message) found.push(message);
    }
    return found;
  }
}

function block(text: string): Message | null {
  const message = { event: 'message', id: '', data: '' };
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const name = line.slice(0, colon);
    if (name === 'data') data.push(value);
    else if (name === 'event') message.event = value;
    else if (name === 'id') message.id = value;
  }
  message.data = data.join('\n');
  return data.length > 0 ? message : null;
}

/** Listens until aborted, again and again. `wake` ends a wait between two tries. */
export class Stream {
  private last = '';
  private waiting: (() => void) | null = null;
  private readonly stopped = new AbortController();

  constructor(
    private readonly url: string,
    private readonly told: Told,
  ) {}

  wake(): void {
    this.waiting?.();
  }

  stop(): void {
    this.stopped.abort();
    this.wake();
  }

  async listen(): Promise<void> {
    let wait = WAIT_MS_FIRST;
    this.told.phase('connecting');
    while (!this.stopped.signal.aborted) {
      const heard = await this.once();
      if (this.stopped.signal.aborted) return;
      wait = heard ? WAIT_MS_FIRST : Math.min(wait * 2, WAIT_MS_MAX);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** One connection; whether anything was heard on it. */
  private async once(): Promise<boolean> {
    const silence = new AbortController();
    const signal = AbortSignal.any([silence.signal, this.stopped.signal]);
    let timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
    let heard = false;
    try {
      const answer = await fetch(this.url, {
        signal,
        credentials: 'same-origin',
        headers: { Accept: 'text/event-stream', ...(this.last && { 'Last-Event-ID': this.last }) },
      });
      if (answer.status === 401) {
        this.told.phase('signed-out');
        return false;
      }
      if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new Parser();
      if (this.last) this.told.phase('catching-up');
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
        for (const message of parser.feed(value)) {
          heard = true;
          if (message.id) this.last = message.id;
          this.told.message(message);
        }
        if (heard) this.told.phase('live');
      }
    } catch {
      // Told below: whatever broke it, the server is not heard any more.
    } finally {
      clearTimeout(timer);
    }
    if (!this.stopped.signal.aborted) this.told.phase('lost');
    return heard;
  }
}
