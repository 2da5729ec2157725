// The deleted runs of a project that can still be brought back. Shows nothing where there are none.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { bulk } from '@/data/actions';
import { deletedRuns } from '@/data/queries';
import type { BulkAction, DeletedRun } from '@/data/records';
import { count, duration, moment, plural } from '@/lib/format';
import { shownState } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { Badge } from '@/ui/glyph';
import { Ago, Card, useNow } from '@/ui/parts';
import { toast } from '@/ui/toast';

const SHOWN = 8;

export function DeletedRuns({ entity, project }: { entity: string; project: string }) {
  const cache = useQueryClient();
  const [all, showAll] = useState(false);
  const [leaving, leave] = useState<readonly DeletedRun[]>([]);
  const { data } = useQuery(deletedRuns(entity, project));
  if (!data || data.total === 0) return null;
  const { runs, total } = data;
  const act = async (body: BulkAction, words: string) => {
    const { done, refused } = await bulk(body);
    await cache.invalidateQueries({ queryKey: ['project', entity, project] });
    const [why] = Object.values(refused);
    toast(why === undefined ? `${plural(done.length, 'run')} ${words}` : `Not ${words}: ${why}`);
  };
  const back = (run: DeletedRun) =>
    act({ keys: [run.key], action: 'undelete' }, 'brought back').catch((error: Error) =>
      toast(`Not brought back: ${error.message}`),
    );
  return (
    <Card
      title="Deleted runs"
      note={plural(total, 'run')}
      aside={
        <button type="button" className="button plain" onClick={() => leave(runs)}>
          Delete {total > runs.length ? `the last ${count(runs.length)}` : 'all'} for good…
        </button>
      }
    >
      <ul>
        {(all ? runs : runs.slice(0, SHOWN)).map((run) => (
          <Row key={run.key} run={run} onBack={back} onLeave={(each) => leave([each])} />
        ))}
      </ul>
      {!all && runs.length > SHOWN && (
        <button type="button" className="button plain" onClick={() => showAll(true)}>
          Show {count(runs.length)}
        </button>
      )}
      <Confirm
        open={leaving.length > 0}
        onClose={() => leave([])}
        danger
        title={`Delete ${leaving.length === 1 ? leaving[0].name : plural(leaving.length, 'run')} for good?`}
        effect="The space is freed, and nothing brings the metrics, logs and files back."
        typed={leaving.length > 1 ? String(leaving.length) : undefined}
        action="Delete for good"
        onDo={() =>
          act(
            { keys: leaving.map((run) => run.key), action: 'delete', for_good: true },
            'deleted for good',
          )
        }
      />
    </Card>
  );
}

interface RowProps {
  run: DeletedRun;
  onBack: (run: DeletedRun) => void;
  onLeave: (run: DeletedRun) => void;
}

function Row({ run, onBack, onLeave }: RowProps) {
  const now = useNow();
  return (
    <li className="deleted-row">
      <span className="cut" title={run.id}>
        {run.name || run.id}
      </span>
      <Badge state={shownState(run.state, '')} inTable title={`It was ${run.state}`} />
      <span className="quiet small any">
        by {run.deleted_by}, <Ago at={run.deleted_at} />
        <span title={moment(run.kept_until)}>
          {' '}
          · kept for {duration(Math.max(0, run.kept_until - now))}
        </span>
      </span>
      <span className="row">
        <button type="button" className="button" onClick={() => onBack(run)}>
          Bring back
        </button>
        <button
          type="button"
          className="button plain"
          aria-label={`Delete ${run.name || run.id} for good…`}
          onClick={() => onLeave(run)}
        >
          For good…
        </button>
      </span>
    </li>
  );
}
