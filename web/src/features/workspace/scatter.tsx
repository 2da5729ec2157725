// One dot a run over two fields.
import type { RunView } from '@/data/records';
import { number } from '@/lib/format';
import { BADGES, shownState } from '@/lib/states';
import { Dots } from './dots';
import type { Row } from './row';

export function Scatter({
  rows,
  names: [x, y],
  onOpen,
  onLit,
}: {
  rows: Row[];
  names: string[];
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
}) {
  return (
    <Dots
      dots={rows.map(({ run, values }) => ({
        key: run.key,
        x: values[0] as number | string,
        y: values[1] as number | string,
        look: `hue-${BADGES[shownState(run.state, '')].hue}`,
        title: `${run.name}\n${x} ${number(values[0])}\n${y} ${number(values[1])}\n${run.state}`,
        onOpen: () => onOpen(run),
        onEnter: () => onLit(run.key),
        onLeave: () => onLit(null),
      }))}
      names={[x, y]}
      label={`${y} over ${x} for ${rows.length} runs`}
    />
  );
}
