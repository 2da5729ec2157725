// The question where to move the selected runs. Never offers a project that they are in.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projects } from '@/data/queries';
import type { RunView } from '@/data/records';
import { count, plural } from '@/lib/format';
import { LIVE } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { onMany, trying } from './many';

/** Runs that have ended, and are no sweep's. */
export function movable(runs: readonly RunView[]): RunView[] {
  return runs.filter((run) => !LIVE.has(run.state) && !run.sweep);
}

export function MoveQuestion({
  open,
  onClose,
  runs,
  onMoved,
}: {
  open: boolean;
  onClose: () => void;
  runs: readonly RunView[];
  onMoved: () => void;
}) {
  const [to, choose] = useState('');
  const known = useQuery({ ...projects, enabled: open });
  const going = movable(runs);
  const staying = runs.length - going.length;
  const { entity, project } = runs[0];
  const places = (known.data ?? [])
    .map((each) => `${each.entity}/${each.name}`)
    .filter((place) => place !== `${entity}/${project}`)
    .sort();
  const act = async () => {
    const [toEntity, toProject] = to.split('/');
    const keys = going.map((run) => run.key);
    const back = (done: number[]) => trying({ keys: done, action: 'move', entity, project });
    await onMany({ keys, action: 'move', entity: toEntity, project: toProject }, ({ done }) =>
      done.length > 0 ? back(done) : undefined,
    );
    onMoved();
  };
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={`Move ${plural(going.length, 'run')}`}
      effect={
        <div className="stack">
          <p>
            Metrics, logs, files and history go along; the addresses where the runs are now lead to
            them.
            {staying > 0 &&
              ` ${count(staying)} of the selected stay: they run, or belong to a sweep.`}
          </p>
          <label className="stack" style={{ gap: 4 }}>
            To the project
            <select
              className="field"
              required
              value={to}
              onChange={(event) => choose(event.target.value)}
            >
              <option value="">Choose…</option>
              {places.map((place) => (
                <option key={place}>{place}</option>
              ))}
            </select>
          </label>
        </div>
      }
      action="Move"
      onDo={act}
    />
  );
}
