// What one can do about a row of Attention: snooze it, assign it, take it off the list.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { assign, markSeen, snooze, wake } from '@/data/actions';
import { assignees, viewer } from '@/data/queries';
import type { RunView } from '@/data/records';
import { plural } from '@/lib/format';
import { Menu } from '@/ui/dialog';
import { toast } from '@/ui/toast';

const HOUR_MS = 3_600_000;
export const SPANS: [string, number | null][] = [
  ['for an hour', HOUR_MS],
  ['for a day', 24 * HOUR_MS],
  ['until it changes', null],
];

/** Does it, follows it, and says what went wrong. */
export function useCares() {
  const cache = useQueryClient();
  const follow = () => cache.invalidateQueries({ queryKey: ['attention'] });
  const done = (act: Promise<unknown>, words?: string, undo?: () => void) =>
    void act.then(
      () => {
        void follow();
        if (words) toast(words, { undo });
      },
      (error: Error) => toast(error.message),
    );
  const keys = (runs: RunView[]) => runs.map((run) => run.key);
  const named = (runs: RunView[]) =>
    runs.length === 1 ? runs[0].name || runs[0].id : plural(runs.length, 'run');
  return {
    see: (runs: RunView[]) => done(markSeen(keys(runs))),
    snooze: (runs: RunView[], span: [string, number | null]) =>
      done(snooze(keys(runs), span[1]), `${named(runs)} snoozed ${span[0]}`, () =>
        done(wake(keys(runs))),
      ),
    wake: (runs: RunView[]) => done(wake(keys(runs))),
    assign: (runs: RunView[], user: string) => done(assign(keys(runs), user)),
  };
}

export function Snooze({ runs }: { runs: RunView[] }) {
  const cares = useCares();
  return (
    <Menu label="Snooze" title="Off your own list for a while; it comes back sooner if it changes">
      {(close) =>
        SPANS.map((span) => (
          <button
            key={span[0]}
            type="button"
            onClick={() => {
              close();
              cares.snooze(runs, span);
            }}
          >
            {span[0]}
          </button>
        ))
      }
    </Menu>
  );
}

/** Who looks after it, for all to see. */
export function Assign({ runs, now }: { runs: RunView[]; now: string }) {
  const label: ReactNode = now ? `Assigned to ${now}` : 'Assign';
  return (
    <Menu label={label} title={now ? `${now} looks after it` : 'Say who looks after it'}>
      {(close) => <People runs={runs} now={now} close={close} />}
    </Menu>
  );
}

function People({ runs, now, close }: { runs: RunView[]; now: string; close: () => void }) {
  const cares = useCares();
  const me = useQuery(viewer);
  const found = useQuery(assignees(runs[0].entity));
  if (found.error) return <p className="quiet">{found.error.message}</p>;
  if (!found.data) return <p className="quiet">Loading…</p>;
  const mine = me.data?.name ?? '';
  const people = [...found.data].sort((a, b) => Number(b === mine) - Number(a === mine));
  const give = (user: string) => {
    close();
    cares.assign(runs, user);
  };
  return (
    <>
      {people.map((name) => (
        <button key={name} type="button" aria-pressed={name === now} onClick={() => give(name)}>
          {name}
          {name === mine && <span className="quiet"> (you)</span>}
        </button>
      ))}
      {now && (
        <button type="button" onClick={() => give('')}>
          Nobody
        </button>
      )}
    </>
  );
}
