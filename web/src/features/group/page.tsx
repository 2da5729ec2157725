// A group as one run with members: how they stand, what differs, where and when they ran.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { ApiError } from '@/data/client';
import {
  causes as causesQuery,
  type GroupPath,
  membersOf,
  members as membersQuery,
  memberValues,
} from '@/data/places';
import { fields as fieldsQuery } from '@/data/queries';
import type { RunView } from '@/data/records';
import { internal } from '@/lib/flat';
import { count, plural } from '@/lib/format';
import { LIVE } from '@/lib/states';
import { Badge } from '@/ui/glyph';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { Differing, Hosts } from './cards';
import { Members } from './members';
import { differences, ranks as ranksOf, type Standing, standings, type Values } from './model';
import { MemberRanks } from './ranks';
import { States } from './states';
import { Timeline } from './timeline';

const FIELDS_MAX = 60;
const METRICS_MAX = 3;
const COLUMNS_MAX = 4;

export interface GroupPageProps {
  path: GroupPath;
  /** Members that are ranks of one run have them in that run. */
  strip: (run: RunView) => ReactNode;
  charts: (members: RunView[], total: number) => ReactNode;
  onHover: (run: RunView | null) => void;
}

export function GroupPage({ path, strip, charts, onHover }: GroupPageProps) {
  const found = useQuery(membersQuery(path));
  const counted = useQuery(causesQuery(path));
  const { configs, summaries, metrics } = useValues(path);
  const runs = found.data?.runs;
  const told = useMemo(() => differences([...configs.values()]), [configs]);
  const strips = useMemo(() => ranksOf(runs ?? [], configs), [runs, configs]);
  if (found.error instanceof ApiError) throw found.error;
  if (found.error && !runs)
    return (
      <div className="page">
        <ErrorCard error={found.error} retry={() => void found.refetch()} />
      </div>
    );
  if (!runs || !found.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  if (runs.length === 0) return <Nobody path={path} />;
  const { total, states, at } = found.data;
  const all = standings(states, counted.data?.groups ?? [], runs);
  const columns = told.differ.slice(0, COLUMNS_MAX).map((each) => each.field);
  return (
    <div className="page stack">
      <Head path={path} runs={runs} total={total} all={all} />
      <States path={path} all={all} total={total} />
      {strips.length > 0 && <MemberRanks ranks={strips} />}
      {runs.length === 1 && (runs[0].ranks ?? 0) > 1 && strip(runs[0])}
      <div className="overview">
        <div className="stack">
          <Members
            path={path}
            runs={runs}
            total={total}
            at={at}
            settings={columns}
            configs={configs}
            metrics={metrics}
            summaries={summaries}
            onHover={onHover}
          />
          <Timeline runs={runs} total={total} />
        </div>
        <div className="stack">
          <Differing {...told} members={configs.size} total={total} />
          <Hosts runs={runs} />
        </div>
      </div>
      {charts(runs, total)}
    </div>
  );
}

function useValues(path: GroupPath): { configs: Values; summaries: Values; metrics: string[] } {
  const { entity, project } = path;
  const settings = useQuery(fieldsQuery(entity, project, 'config.', FIELDS_MAX));
  const known = useQuery(fieldsQuery(entity, project, 'summary.', FIELDS_MAX));
  const asked = useMemo(
    () => (settings.data && known.data ? [...settings.data, ...known.data] : []),
    [settings.data, known.data],
  );
  const found = useQuery(memberValues(path, asked));
  return useMemo(() => {
    const runs = found.data?.runs ?? [];
    const configs = new Map(runs.map((run) => [run.key, run.config ?? {}]));
    const summaries = new Map(runs.map((run) => [run.key, run.summary ?? {}]));
    const names = [...new Set(runs.flatMap((run) => Object.keys(run.summary ?? {})))];
    const metrics = names.filter((name) => !internal(name)).sort(byInterest);
    return { configs, summaries, metrics: metrics.slice(0, METRICS_MAX) };
  }, [found.data]);
}

/** Held-out losses and accuracies are what members are compared by. */
function byInterest(a: string, b: string): number {
  const rank = (name: string) =>
    (/val|eval|test/i.test(name) ? 0 : 2) + (/loss|acc/i.test(name) ? 0 : 1);
  return rank(a) - rank(b) || a.localeCompare(b);
}

function Head({
  path,
  runs,
  total,
  all,
}: {
  path: GroupPath;
  runs: readonly RunView[];
  total: number;
  all: Standing[];
}) {
  const live = all.filter((each) => isLive(each)).reduce((sum, each) => sum + each.n, 0);
  const kinds = [...new Set(runs.map((run) => run.job_type).filter(Boolean))];
  const owners = [...new Set(runs.map((run) => run.user).filter(Boolean))];
  const parts = [
    live > 0 && total > 1
      ? `${count(live)} of ${plural(total, 'member')} live`
      : plural(total, 'member'),
    kinds.length > 0 && kinds.length < 4 && kinds.join(', '),
    owners.length > 0 && owners.length < 4 && `by ${owners.join(', ')}`,
  ];
  return (
    <header className="stack" style={{ gap: 6 }}>
      <div className="row wrap" style={{ alignItems: 'flex-start' }}>
        <h1 className="grow any">{path.group}</h1>
        <Link
          className="button"
          to="/$entity/$project/runs"
          params={{ entity: path.entity, project: path.project }}
          search={{ f: membersOf(path.group) } as never}
        >
          In the runs table
        </Link>
      </div>
      <p className="row wrap">
        {all.length > 0 && <Badge state={all[0].state} big title="The worst of its members" />}
        <span className="quiet any">{parts.filter(Boolean).join(' · ')}</span>
      </p>
    </header>
  );
}

function isLive({ state }: Standing): boolean {
  return LIVE.has(state) || ['unreachable', 'stalled', 'stopping'].includes(state);
}

function Nobody({ path }: { path: GroupPath }) {
  return (
    <div className="page stack">
      <h1 className="any">No run is in group “{path.group}”</h1>
      <p className="quiet">
        A group is there as long as a run is in it. Perhaps its runs were deleted, moved or put into
        another group, or the link is cut off.
      </p>
      <p>
        <Link
          className="link"
          to="/$entity/$project/runs"
          params={{ entity: path.entity, project: path.project }}
          search={{ g: 'group' } as never}
        >
          The groups of {path.project}
        </Link>
      </p>
    </div>
  );
}
