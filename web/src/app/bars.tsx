// How the connection and the app itself stand. Never hides what is on the page.
import { useQuery } from '@tanstack/react-query';
import { useRef, useSyncExternalStore } from 'react';
import { live } from '@/data/live';
import { server } from '@/data/queries';
import { clock, duration } from '@/lib/format';
import { useNow } from '@/ui/parts';

function useStanding() {
  return useSyncExternalStore(live.watch, () => live.standing);
}

export function LiveStatus() {
  const { phase, since } = useStanding();
  const now = useNow();
  const word =
    phase === 'live'
      ? 'Live'
      : phase === 'catching-up'
        ? 'Catching up'
        : phase === 'connecting'
          ? 'Connecting'
          : phase === 'signed-out'
            ? 'Signed out'
            : 'Unreachable';
  const look =
    phase === 'live' ? '' : phase === 'lost' || phase === 'signed-out' ? 'lost' : 'waiting';
  const lasted = phase === 'catching-up' ? ` ${duration(now - since)}` : '';
  // The phase is said aloud when it changes, how long it lasts is not: that changes all the time.
  return (
    <span className={`live ${look}`} title={word + lasted} data-phase={phase}>
      <span role="status">{word}</span>
      {lasted && <span aria-hidden="true">{lasted}</span>}
    </span>
  );
}

const LOST_MS_SHOWN = 1_500;

/** Everything stays readable, and says how old it is. */
export function LostBar() {
  const { phase, since, heard } = useStanding();
  const now = useNow();
  if (phase !== 'lost' || now - since < LOST_MS_SHOWN) return null;
  return (
    <div className="note-bar" role="alert">
      <span>
        Server unreachable since {clock(since, now)}; showing data of {clock(heard, now)}
      </span>
      <button type="button" className="button" onClick={() => live.wake()}>
        Try now
      </button>
    </div>
  );
}

/** An app that is older than its server goes on, but what it has not loaded yet is gone. */
export function UpdatedBar() {
  const version = useQuery(server).data?.version;
  const first = useRef(version);
  first.current ??= version;
  if (!version || version === first.current) return null;
  return (
    <div className="note-bar" role="status">
      <span>
        The server was updated to {version}. This tab still has the app of {first.current}: what it
        shows is current, but pages that it has not opened yet may not load.
      </span>
      <button type="button" className="button" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}
