// What can be done with the selected runs; nothing without saying first what it does.
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { exported } from '@/data/actions';
import type { RunView } from '@/data/records';
import { count, plural } from '@/lib/format';
import { LIVE } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { useKeys } from '@/ui/keys';
import { save } from '@/ui/save';
import { toast } from '@/ui/toast';
import { onMany, trying } from './many';
import { MoveQuestion, movable } from './move';
import type { Action } from './outcome';
import type { Picks } from './use-picks';

const COMPARED_MAX = 20;

interface BulkProps {
  picked: Picks['picked'];
  onPick: Picks['pick'];
  onClear: () => void;
}

export default function BulkBar({ picked, onPick, onClear }: BulkProps) {
  const [asked, ask] = useState<Action | null>(null);
  const router = useRouter();
  const runs = [...picked.values()];
  const compare = () => {
    if (runs.length < 2) return;
    const { entity, project } = runs[0];
    const ids = runs.slice(0, COMPARED_MAX).map((run) => run.id);
    void router.navigate({
      to: '/$entity/$project/compare',
      params: { entity, project },
      search: { runs: ids.join(',') } as never,
    });
  };
  useKeys([
    { keys: 'c', words: 'Compare the selected', act: compare },
    { keys: 't', words: 'Tag the selected', act: () => runs.length > 0 && ask('tag') },
    { keys: 'Escape', words: 'Select nothing', act: onClear },
  ]);
  if (runs.length === 0) return null;
  const alive = stoppable(runs);
  const button = (action: Action, words: string, off = false) => (
    <button
      type="button"
      className={`button ${action === 'delete' ? 'danger' : ''}`}
      disabled={off}
      onClick={() => ask(action)}
    >
      {words}
    </button>
  );
  return (
    <div className="bulk-bar" role="toolbar" aria-label="Selected runs">
      <b>{plural(runs.length, 'run')} selected</b>
      <button type="button" className="button" disabled={runs.length < 2} onClick={compare}>
        Compare{runs.length > COMPARED_MAX && ` the first ${COMPARED_MAX}`}
      </button>
      {button('tag', 'Tag…')}
      {runs.some((run) => run.tags?.length) && button('untag', 'Untag…')}
      {button(
        'stop',
        alive.length > 0 ? `Stop ${count(alive.length)}…` : 'Stop…',
        alive.length === 0,
      )}
      {button('move', 'Move…', movable(runs).length === 0)}
      <Export runs={runs} />
      {button('delete', 'Delete…')}
      <button type="button" className="button plain" onClick={onClear}>
        Clear
      </button>
      <Questions
        asked={asked}
        ask={ask}
        runs={runs}
        alive={alive}
        onPick={onPick}
        onClear={onClear}
      />
    </div>
  );
}

function stoppable(runs: readonly RunView[]): RunView[] {
  return runs.filter((run) => LIVE.has(run.state) && run.qualifier !== 'stopping');
}

function Export({ runs }: { runs: readonly RunView[] }) {
  const [busy, setBusy] = useState(false);
  const write = () => {
    setBusy(true);
    exported(runs)
      .then(
        (file) => save(`${runs[0].project}.csv`, file),
        (error: Error) => toast(`Not exported: ${error.message}`, { again: write }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <button type="button" className="button" title="As CSV" disabled={busy} onClick={write}>
      Export
    </button>
  );
}

interface QuestionsProps {
  asked: Action | null;
  ask: (action: Action | null) => void;
  runs: readonly RunView[];
  alive: readonly RunView[];
  onPick: Picks['pick'];
  onClear: () => void;
}

function Questions({ asked, ask, runs, alive, onPick, onClear }: QuestionsProps) {
  const all = plural(runs.length, 'run');
  const ended = runs.length - alive.length;
  const shared = (action: Action) => ({ open: asked === action, onClose: () => ask(null) });
  const tag = (action: 'tag' | 'untag') => (said: string) =>
    retag(runs, action, said.trim(), (now) => onPick(now, true));
  const stop = (reason: string) =>
    onMany({ keys: keysOf(alive), action: 'stop', reason }, (result) => {
      const done = new Set(result.done);
      const asked = alive.filter((run) => done.has(run.key));
      onPick(
        asked.map((run) => ({ ...run, qualifier: 'stopping' })),
        true,
      );
      return undefined;
    });
  return (
    <>
      <Confirm
        {...shared('tag')}
        title={`Tag ${all}`}
        effect="The tag is added to each of them."
        reason="Tag"
        action="Add the tag"
        onDo={tag('tag')}
      />
      <Confirm
        {...shared('untag')}
        title={`Untag ${all}`}
        effect="The tag is taken from each of them."
        reason="Tag"
        action="Take the tag away"
        onDo={tag('untag')}
      />
      <Confirm
        {...shared('stop')}
        title={`Stop ${plural(alive.length, 'run')}?`}
        effect={`${plural(alive.length, 'live run')} will be asked to stop: each process saves and ends as Killed. ${ended > 0 ? `The other ${count(ended)} ended or stop already.` : ''}`}
        reason="Reason (kept in the ledger)"
        action="Ask them to stop"
        onDo={stop}
      />
      <MoveQuestion {...shared('move')} runs={runs} onMoved={onClear} />
      <Confirm
        {...shared('delete')}
        danger
        title={`Delete ${all}?`}
        effect={`Metrics, logs, files and history of ${all} are deleted. ${alive.length > 0 ? `${count(alive.length)} of them ${alive.length === 1 ? 'runs' : 'run'} still; what is sent from then on is refused.` : ''} For a time they can be brought back, also from the project’s overview.`}
        typed={runs.length > 1 ? String(runs.length) : undefined}
        action="Delete"
        onDo={() => remove(keysOf(runs)).then(onClear)}
      />
    </>
  );
}

function keysOf(runs: readonly RunView[]): number[] {
  return runs.map((run) => run.key);
}

/** Tags or untags the runs, with a way back for those that it changed. */
function retag(
  runs: readonly RunView[],
  action: 'tag' | 'untag',
  tag: string,
  onChanged: (runs: readonly RunView[]) => void,
): Promise<void> {
  const others = (run: RunView) => (run.tags ?? []).filter((each) => each !== tag);
  return onMany({ keys: keysOf(runs), action, tag }, (result) => {
    const done = new Set(result.done);
    const changed = runs.filter(
      (run) => done.has(run.key) && (run.tags ?? []).includes(tag) === (action === 'untag'),
    );
    const tags = action === 'tag' ? [tag] : [];
    onChanged(changed.map((run) => ({ ...run, tags: [...others(run), ...tags] })));
    if (changed.length === 0) return undefined;
    const back = action === 'tag' ? 'untag' : 'tag';
    return trying({ keys: keysOf(changed), action: back, tag }, () => {
      onChanged(changed);
      return undefined;
    });
  });
}

/** Deletes, with a way back for those that are kept. */
function remove(keys: number[]): Promise<void> {
  return onMany({ keys, action: 'delete' }, ({ done, kept_ms }) =>
    done.length > 0 && kept_ms > 0 ? trying({ keys: done, action: 'undelete' }) : undefined,
  );
}
