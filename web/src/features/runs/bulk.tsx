// What can be done with the selected runs; nothing without saying first what it does.
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { bulk } from '@/data/actions';
import type { BulkAction, BulkResult, RunView } from '@/data/records';
import { plural } from '@/lib/format';
import { LIVE } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { useKeys } from '@/ui/keys';
import { toast } from '@/ui/toast';

type Asked = BulkAction['action'] | null;
const COMPARED_MAX = 20;

export function BulkBar({
  picked,
  onClear,
}: {
  picked: ReadonlyMap<number, RunView>;
  onClear: () => void;
}) {
  const [asked, ask] = useState<Asked>(null);
  const router = useRouter();
  const runs = [...picked.values()];
  const tagged = runs.some((run) => run.tags?.length);
  const alive = runs.filter((run) => LIVE.has(run.state));
  const compare = () => {
    if (runs.length < 2) return;
    const { entity, project } = runs[0];
    void router.navigate({
      to: '/$entity/$project/compare',
      params: { entity, project },
      search: {
        runs: runs
          .slice(0, COMPARED_MAX)
          .map((run) => run.id)
          .join(','),
      } as never,
    });
  };
  useKeys([
    { keys: 'c', words: 'Compare the selected', act: compare },
    { keys: 't', words: 'Tag the selected', act: () => runs.length > 0 && ask('tag') },
    { keys: 'Escape', words: 'Select nothing', act: onClear },
  ]);
  const act = async (action: BulkAction['action'], keys: number[], word: string) => {
    const result = await bulk({
      keys,
      action,
      ...(action === 'stop' ? { reason: word } : { tag: word }),
    });
    const done = result.done ?? [];
    if (action === 'tag' && done.length > 0) {
      // Those that had the tag before keep it.
      const fresh = done.filter((key) => !picked.get(key)?.tags?.includes(word));
      toast(outcome(action, result), {
        undo: () => void bulk({ keys: fresh, action: 'untag', tag: word }),
      });
    } else if (action === 'untag' && done.length > 0) {
      const had = done.filter((key) => picked.get(key)?.tags?.includes(word));
      toast(outcome(action, result), {
        undo: () => void bulk({ keys: had, action: 'tag', tag: word }),
      });
    } else toast(outcome(action, result));
  };
  const remove = (keys: number[]) => {
    onClear();
    toast(`${plural(keys.length, 'run')} will be deleted. Leaving the page keeps them.`, {
      undo: () => toast('Nothing was deleted.'),
      gone: () =>
        void bulk({ keys, action: 'delete' }).then(
          (result) => toast(outcome('delete', result)),
          (error: Error) => toast(`Not deleted: ${error.message}`),
        ),
    });
  };
  if (runs.length === 0) return null;
  return (
    <div className="bulk-bar" role="toolbar" aria-label="Selected runs">
      <b>{plural(runs.length, 'run')} selected</b>
      <button type="button" className="button" disabled={runs.length < 2} onClick={compare}>
        Compare
      </button>
      <button type="button" className="button" onClick={() => ask('tag')}>
        Tag…
      </button>
      {tagged && (
        <button type="button" className="button" onClick={() => ask('untag')}>
          Untag…
        </button>
      )}
      <button
        type="button"
        className="button"
        disabled={alive.length === 0}
        onClick={() => ask('stop')}
      >
        Stop {alive.length > 0 && alive.length}…
      </button>
      <button type="button" className="button danger" onClick={() => ask('delete')}>
        Delete…
      </button>
      <button type="button" className="button plain" onClick={onClear}>
        Clear
      </button>
      <Confirm
        open={asked === 'tag'}
        onClose={() => ask(null)}
        title={`Tag ${plural(runs.length, 'run')}`}
        effect="The tag is added to each of them."
        reason="Tag"
        action="Add the tag"
        onDo={(tag) =>
          act(
            'tag',
            runs.map((run) => run.key),
            tag.trim(),
          )
        }
      />
      <Confirm
        open={asked === 'untag'}
        onClose={() => ask(null)}
        title={`Untag ${plural(runs.length, 'run')}`}
        effect="The tag is taken from each of them."
        reason="Tag"
        action="Take the tag away"
        onDo={(tag) =>
          act(
            'untag',
            runs.map((run) => run.key),
            tag.trim(),
          )
        }
      />
      <Confirm
        open={asked === 'stop'}
        onClose={() => ask(null)}
        title={`Stop ${plural(alive.length, 'run')}?`}
        effect={`${plural(alive.length, 'live run')} will be asked to stop: each process saves and ends as Killed. ${runs.length - alive.length > 0 ? `${plural(runs.length - alive.length, 'run')} of the selected ended already and stay as they are.` : ''}`}
        reason="Reason (kept in the ledger)"
        action="Ask them to stop"
        onDo={(reason) =>
          act(
            'stop',
            alive.map((run) => run.key),
            reason,
          )
        }
      />
      <Confirm
        open={asked === 'delete'}
        onClose={() => ask(null)}
        danger
        title={`Delete ${plural(runs.length, 'run')}?`}
        effect={`Metrics, logs, files and history of ${plural(runs.length, 'run')} are deleted. ${alive.length > 0 ? `${plural(alive.length, 'of them')} still runs; what it sends from then on is refused.` : ''} For a few seconds it can be undone.`}
        typed={runs.length > 1 ? String(runs.length) : undefined}
        action="Delete"
        onDo={async () => remove(runs.map((run) => run.key))}
      />
    </div>
  );
}

const WORDS: Record<BulkAction['action'], string> = {
  tag: 'tagged',
  untag: 'untagged',
  stop: 'asked to stop',
  delete: 'deleted',
};

function outcome(action: BulkAction['action'], result: BulkResult): string {
  const done = result.done?.length ?? 0;
  const refused = Object.values(result.refused ?? {});
  const words = WORDS[action];
  return `${done} ${words}${refused.length > 0 ? `; ${refused.length} refused: ${refused[0]}` : ''}`;
}
