// What can be done to a sweep; each control says what it will do before it does it.
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { controlSweep, deleteSweep, updateSweep } from '@/data/actions';
import type { SweepControl, SweepView } from '@/data/records';
import { plural } from '@/lib/format';
import { LIVE } from '@/lib/states';
import { Confirm, Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { useKeys } from '@/ui/keys';

const WORDS: Record<string, { word: string; does: string; danger?: boolean }> = {
  pause: { word: 'Pause', does: 'Pause sweep' },
  resume: { word: 'Resume', does: 'Resume sweep' },
  stop: { word: 'Stop', does: 'Stop sweep' },
  cancel: { word: 'Cancel…', does: 'Cancel sweep', danger: true },
};

/** Where the runs of a sweep are in the table of all runs. */
export function runsOf(sweep: Pick<SweepView, 'id'>, more = ''): { f: string } {
  return { f: `sweep = ${JSON.stringify(sweep.id)}${more}` };
}

export function Actions({ sweep }: { sweep: SweepView }) {
  const cache = useQueryClient();
  const router = useRouter();
  const [asked, ask] = useState<string | null>(null);
  const path = { entity: sweep.entity, project: sweep.project, id: sweep.id };
  const place = { entity: sweep.entity, project: sweep.project };
  const close = () => ask(null);
  const chosen = sweep.controls.find((each) => each.action === asked);
  const toggle = sweep.controls.find(
    (each) => each.action === (sweep.status === 'paused' ? 'resume' : 'pause'),
  );
  useKeys([
    {
      keys: 'p',
      words: 'Pause or resume the sweep',
      act: () => toggle?.allowed && ask(toggle.action),
    },
  ]);
  const act = async (action: string, reason: string) => {
    await controlSweep(path, action, reason);
    await cache.invalidateQueries({ queryKey: ['sweep', path.entity, path.project, path.id] });
  };
  const remove = async () => {
    await deleteSweep(path);
    await router.navigate({ to: '/$entity/$project/sweeps', params: place });
    cache.removeQueries({ queryKey: ['sweep', path.entity, path.project, path.id] });
    await cache.invalidateQueries({ queryKey: ['sweeps', path.entity, path.project] });
  };
  return (
    <div className="row wrap">
      {sweep.controls.map((each) => (
        <Control key={each.action} control={each} onAsk={() => ask(each.action)} />
      ))}
      <Menu label={<Icon name="more" />} className="button icon" title="More">
        {(shut) => (
          <>
            <Link to="/$entity/$project/runs" params={place} search={runsOf(sweep) as never}>
              Its runs in the table
            </Link>
            <button
              type="button"
              onClick={() => {
                shut();
                ask('rename');
              }}
            >
              Rename or describe…
            </button>
            <button
              type="button"
              className="hue-failed"
              style={{ color: 'var(--hue)' }}
              onClick={() => {
                shut();
                ask('delete');
              }}
            >
              Delete the sweep…
            </button>
          </>
        )}
      </Menu>
      <Confirm
        open={chosen !== undefined}
        onClose={close}
        title={`${WORDS[chosen?.action ?? '']?.does ?? 'Change the sweep'}?`}
        effect={chosen && <Effect control={chosen} />}
        danger={WORDS[chosen?.action ?? '']?.danger}
        reason="Reason, for the record"
        keep="Keep as it is"
        action={WORDS[chosen?.action ?? '']?.does ?? chosen?.action ?? ''}
        onDo={(reason) => act(chosen?.action ?? '', reason)}
      />
      <Rename sweep={sweep} open={asked === 'rename'} onClose={close} />
      <Confirm
        open={asked === 'delete'}
        onClose={close}
        danger
        title={`Delete ${sweep.name}?`}
        effect={`The sweep and its search are deleted; its ${plural(sweep.made, 'run')} are kept as they are. ${live(sweep)}This cannot be undone.`}
        keep="Keep it"
        action="Delete the sweep"
        onDo={remove}
      />
    </div>
  );
}

function Rename({
  sweep,
  open,
  onClose,
}: {
  sweep: SweepView;
  open: boolean;
  onClose: () => void;
}) {
  const cache = useQueryClient();
  const [name, setName] = useState<string | null>(null);
  const [words, setWords] = useState<string | null>(null);
  const path = { entity: sweep.entity, project: sweep.project, id: sweep.id };
  const shut = () => {
    setName(null);
    setWords(null);
    onClose();
  };
  const save = async () => {
    await updateSweep(path, { name, description: words });
    await cache.invalidateQueries({ queryKey: ['sweep', path.entity, path.project, path.id] });
  };
  return (
    <Confirm
      open={open}
      onClose={shut}
      title="Rename or describe the sweep"
      action="Save"
      onDo={save}
      effect={
        <div className="stack">
          <label className="stack" style={{ gap: 4 }}>
            Name
            <input
              className="field"
              value={name ?? sweep.name}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <label className="stack" style={{ gap: 4 }}>
            Description
            <textarea
              className="field"
              rows={4}
              value={words ?? sweep.description}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
        </div>
      }
    />
  );
}

function live(sweep: SweepView): string {
  const n = Object.entries(sweep.states).reduce(
    (sum, [state, many]) => sum + (LIVE.has(state) ? many : 0),
    0,
  );
  return n > 0 ? `${plural(n, 'run')} of it still live, and its agents are sent home. ` : '';
}

function Control({ control, onAsk }: { control: SweepControl; onAsk: () => void }) {
  const { word, danger } = WORDS[control.action] ?? { word: control.action };
  return (
    <button
      type="button"
      className={`button ${danger && control.allowed ? 'danger outline' : ''}`}
      disabled={!control.allowed}
      title={control.told}
      onClick={onAsk}
    >
      {word}
    </button>
  );
}

function Effect({ control }: { control: SweepControl }) {
  return (
    <div className="stack" style={{ gap: 8 }}>
      <p>{control.told}</p>
      <p className="quiet">
        The state of finished, failed, crashed, killed and preempted runs does not change.
      </p>
    </div>
  );
}
