// One line a run over many fields; a range dragged on an axis keeps only what passes through it.
import { useMemo, useState } from 'react';
import type { RunView } from '@/data/records';
import { Coordinates as Lines } from '@/draw/coordinates';
import { axisOf } from '@/lib/axis';
import { number } from '@/lib/format';
import { type Brushes, passes } from '@/lib/lines';
import { Coordinates as Axes } from '@/ui/coordinates';
import type { Row } from './row';

export function Coordinates({
  rows,
  names,
  onOpen,
  onLit,
}: {
  rows: Row[];
  names: string[];
  onOpen: (run: RunView) => void;
  onLit: (run: number | null) => void;
}) {
  const [brushes, brush] = useState<Brushes>({});
  const known = useMemo(() => new Map(rows.map((row) => [row.run.key, row])), [rows]);
  const { axes, lines } = useMemo(() => {
    const made = names.map((_, i) =>
      axisOf(
        rows.map((row) => row.values[i]),
        (n) => number(n, 3),
      ),
    );
    const all = rows.map((row) => {
      const at = made.map((axis, i) => axis.place(row.values[i]));
      return { id: row.run.key, at, strength: at[at.length - 1] ?? 1 };
    });
    return { axes: made, lines: all };
  }, [rows, names]);
  const kept = lines.filter((line) => passes(line, names, brushes)).length;
  return (
    <div className="coordinates">
      <Axes
        names={names}
        axes={axes}
        lines={lines}
        brushes={brushes}
        onBrush={brush}
        onOpen={(key) => {
          const row = known.get(key);
          if (row) onOpen(row.run);
        }}
        onLit={onLit}
        tell={(key) => ({
          head: known.get(key)?.run.name ?? '',
          rows: names.map((name, i) => [name, number(known.get(key)?.values[i])]),
        })}
        painter={(element, model) => new Lines(element, model)}
        label={`${rows.length} runs over ${names.join(', ')}`}
      />
      {Object.keys(brushes).length > 0 && (
        <p className="small row">
          <span className="quiet">
            {kept} of {rows.length} runs pass
          </span>
          <button type="button" className="button" onClick={() => brush({})}>
            All
          </button>
        </p>
      )}
    </div>
  );
}
