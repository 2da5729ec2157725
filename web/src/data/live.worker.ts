// One stream for all tabs of a browser, so that six tabs do not use up its connections.
import { Lately } from './lately';
import { type Phase, Stream } from './stream';

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
let phase: Phase = 'connecting';
let stream: Stream | null = null;
let lately = new Lately(() => Date.now());

function tell(said: unknown): void {
  for (const port of ports) port.postMessage(said);
}

function start(): void {
  stream = new Stream('/api/v1/events', {
    phase(next) {
      phase = next;
      tell({ phase });
    },
    message(message) {
      lately.take(message);
      tell({ message });
    },
  });
  void stream.listen();
}

(self as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.postMessage({ phase, told: lately.told() });
  port.onmessage = ({ data }) => {
    if (data === 'wake') stream?.wake();
    if (data === 'bye') ports.delete(port);
    if (ports.size === 0) {
      stream?.stop();
      stream = null;
      phase = 'connecting';
      lately = new Lately(() => Date.now());
    }
  };
  if (!stream) start();
  else stream.wake();
};
