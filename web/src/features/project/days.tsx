// Ends by state for each of the last days, counted by the server.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { runsFirst } from '@/data/queries';
import { BADGES, type RunState, STATES } from '@/lib/states';

const DAYS = 14;
const DAY_MS = 86_400_000;
const HEIGHT = 64;

export function Days({ entity, project }: { entity: string; project: string }) {
  const days = useMemo(() => {
    const today = new Date();
    today.setHours(0, 0, 0, 0);
    return Array.from(
      { length: DAYS },
      (_, i) => new Date(today.getTime() - (DAYS - 1 - i) * DAY_MS),
    );
  }, []);
  const answers = useQueries({
    queries: days.map((day) =>
      runsFirst(
        {
          entity,
          project,
          order: '',
          select: [],
          filters: `ended >= "${day.toISOString()}" and ended < "${new Date(day.getTime() + DAY_MS).toISOString()}"`,
        },
        0,
      ),
    ),
  });
  const most = Math.max(1, ...answers.map((each) => each.data?.total ?? 0));
  return (
    <ol className="days">
      {days.map((day, i) => {
        const states = answers[i].data?.states ?? {};
        const shown = STATES.filter((state) => states[state]);
        const words = shown.map((state) => `${states[state]} ${state}`).join(', ') || 'none';
        const name = `${day.getDate()} ${day.toLocaleString('en-GB', { month: 'short' })}`;
        return (
          <li key={name} title={`${name}: ${words}`}>
            <span className="unseen">
              {name}: {words}
            </span>
            <span className="day-bar" style={{ height: HEIGHT }} aria-hidden="true">
              {shown.map((state: RunState) => (
                <span
                  key={state}
                  className={`hue-${BADGES[state].hue}`}
                  style={{ height: (states[state] / most) * HEIGHT }}
                />
              ))}
            </span>
            <span className="quiet small" aria-hidden="true">
              {i % 2 ? '' : day.getDate()}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
