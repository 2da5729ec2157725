// A group's page with the charts of its members, and the ranks of the one that is all of it.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { type GroupPath, membersOf } from '@/data/places';
import { fields, run as runQuery } from '@/data/queries';
import type { RunView } from '@/data/records';
import { GroupPage } from '@/features/group/page';
import { Ranks } from '@/features/run/ranks';
import { Panels } from '@/features/workspace/panels';
import { plural } from '@/lib/format';
import type { View } from '@/lib/view';
import { type ChangeView, useView } from '@/ui/address';
import { useStoredFlag } from '@/ui/stored';
import '@/styles/places.css';

const DRAWN = 30;
const SETTINGS_MAX = 200;

export function Group() {
  const { entity = '', project = '', group = '' } = useParams({ strict: false });
  const path = useMemo(() => ({ entity, project, group }), [entity, project, group]);
  const [lit, light] = useState<number | null>(null);
  const hover = useCallback((run: RunView | null) => light(run?.key ?? null), []);
  return (
    <GroupPage
      key={`${entity}/${project}/${group}`}
      path={path}
      onHover={hover}
      strip={(run) => <Strip run={run} />}
      charts={(runs, total) => (
        <Charts path={path} members={runs} total={total} lit={lit} onLit={light} />
      )}
    />
  );
}

/** A group of one run that has ranks is as many as that has. */
function Strip({ run }: { run: RunView }) {
  const found = useQuery(runQuery({ entity: run.entity, project: run.project, id: run.id }));
  return found.data ? <Ranks writers={found.data.writers} /> : null;
}

/** Joined by the group unless the address says by what. */
function useJoined(): [View, ChangeView, boolean, (on: boolean) => void] {
  const [view, change] = useView();
  const [alone, setAlone] = useStoredFlag('group.alone', false);
  const shown = useMemo(
    () => (alone ? { ...view, join: '' } : { ...view, join: view.join || 'group' }),
    [view, alone],
  );
  const changed: ChangeView = useCallback(
    (part, how) => {
      if (part.join !== undefined) setAlone(part.join === '');
      change(part.join === 'group' ? { ...part, join: '' } : part, how);
    },
    [change, setAlone],
  );
  return [shown, changed, alone, setAlone];
}

function Charts({
  path,
  members,
  total,
  lit,
  onLit,
}: {
  path: GroupPath;
  members: RunView[];
  total: number;
  lit: number | null;
  onLit: (run: number | null) => void;
}) {
  const { entity, project, group } = path;
  const [view, change, alone] = useJoined();
  const [beside, setBeside] = useStoredFlag('group.members', true);
  const known = useQuery(fields(entity, project, 'config.', SETTINGS_MAX));
  const listing = useMemo(
    () => ({ entity, project, filters: membersOf(group) }),
    [entity, project, group],
  );
  const said = members.map((run) => `${run.key}:${run.state}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the runs as far as lines depend on them
  const drawn = useMemo(() => members.slice(0, DRAWN), [said]);
  const newest = drawn.length < total ? `the newest ${drawn.length}` : 'each';
  return (
    <section aria-label="Charts of the group" className="place-charts">
      <div className="row wrap">
        <h2>Charts</h2>
        <span className="quiet small">
          {alone
            ? `${newest} of ${plural(total, 'member')}`
            : `mean and band over ${plural(total, 'member')}${beside ? `, and a line of ${newest}` : ''}`}
        </span>
        {!alone && (
          <label className="row">
            <input
              type="checkbox"
              checked={beside}
              onChange={(event) => setBeside(event.target.checked)}
            />{' '}
            members too
          </label>
        )}
      </div>
      <Panels
        runs={drawn}
        view={view}
        change={change}
        lit={lit}
        onLit={onLit}
        listing={listing}
        beside={beside}
        settings={known.data}
      />
    </section>
  );
}
