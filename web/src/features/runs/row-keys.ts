// Moving through the table by keys. Never moves without being asked.
import { useState } from 'react';
import type { RunView } from '@/data/records';
import { useKeys } from '@/ui/keys';
import type { Runs } from './use-runs';

/** What the keys do to the run they are on. */
interface Acts {
  picked: ReadonlyMap<number, RunView>;
  onPick: (run: RunView, on: boolean) => void;
  onDot?: (run: RunView) => void;
  onHover?: (run: RunView | null) => void;
  onOpen: (run: RunView) => void;
}

export function useRowKeys({
  runs,
  props,
  reveal,
}: {
  runs: Runs;
  props: Acts;
  reveal: (index: number) => void;
}): number {
  const [cursor, setCursor] = useState(-1);
  const move = (step: number) => () => {
    const next = Math.max(0, Math.min((runs.total ?? 1) - 1, cursor + step));
    setCursor(next);
    reveal(next);
    props.onHover?.(runs.at(next)?.run ?? null);
  };
  const here = () => (cursor < 0 ? null : (runs.at(cursor)?.run ?? null));
  useKeys([
    { keys: 'j', words: 'Next run', act: move(1) },
    { keys: 'k', words: 'Previous run', act: move(-1) },
    {
      keys: 'x',
      words: 'Select the run',
      act: () => {
        const run = here();
        if (run) props.onPick(run, !props.picked.has(run.key));
      },
    },
    {
      keys: 'Enter',
      words: 'Open the run',
      act: () => {
        const run = here();
        if (run) props.onOpen(run);
      },
    },
    ...(props.onDot
      ? [
          {
            keys: ' ',
            words: 'Draw or hide the run',
            act: () => {
              const run = here();
              if (run) props.onDot?.(run);
            },
          },
        ]
      : []),
  ]);
  return cursor;
}
