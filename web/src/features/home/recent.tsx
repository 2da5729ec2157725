// Projects and runs of late, and what to do when there are none.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { firstKey } from '@/data/actions';
import { projects, runsFirst } from '@/data/queries';
import { count } from '@/lib/format';
import { FirstRun } from '@/ui/first-run';
import { Ago, Card, ErrorCard, Skeleton } from '@/ui/parts';
import { ProjectTile } from '@/ui/project-tile';
import { CauseWords, RunBadge } from '@/ui/run-badge';

const RUNS = 10;
const PROJECTS = 12;

export function RecentProjects() {
  const found = useQuery(projects);
  if (found.error && !found.data)
    return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  if (found.data.length === 0 || found.data.every((each) => !each.runs)) {
    return (
      <Card title="Your first run">
        <FirstRun makeKey={firstKey} />
      </Card>
    );
  }
  return (
    <Card title="Projects" note={`${count(found.data.length)}, the busiest of late first`}>
      <ul className="project-list">
        {found.data.slice(0, PROJECTS).map((each) => (
          <li key={`${each.entity}/${each.name}`}>
            <ProjectTile project={each} owner />
          </li>
        ))}
      </ul>
      {found.data.length > PROJECTS && (
        <p className="quiet small more">
          and {count(found.data.length - PROJECTS)} more: Ctrl K finds them by name
        </p>
      )}
    </Card>
  );
}

export function RecentRuns() {
  const found = useQuery(
    runsFirst({ entity: '', project: '', filters: '', order: '-created', select: [] }, RUNS),
  );
  if (!found.data || found.data.runs.length === 0) return null;
  return (
    <Card
      title="Recent runs"
      note={`${RUNS < found.data.total ? `${RUNS} of ` : ''}${count(found.data.total)}`}
    >
      <ul>
        {found.data.runs.map((run) => (
          <li key={run.key} className="recent-row">
            <Link
              to="/$entity/$project/runs/$run/overview"
              params={{ entity: run.entity, project: run.project, run: run.id }}
              className="cut"
            >
              {run.name || run.id}
            </Link>
            <Link
              to="/$entity/$project/workspace"
              params={{ entity: run.entity, project: run.project }}
              className="cut quiet"
            >
              {run.project}
            </Link>
            <span className="row" style={{ minWidth: 0 }}>
              <RunBadge run={run} inTable /> <CauseWords run={run} />
            </span>
            <span className="quiet small right">
              <Ago at={run.created_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
