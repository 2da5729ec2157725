// All projects of a person or a team.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { projects } from '@/data/queries';
import { plural } from '@/lib/format';
import { Card, Skeleton } from '@/ui/parts';
import { ProjectTile } from '@/ui/project-tile';

export function EntityPage() {
  const { entity = '' } = useParams({ strict: false });
  const found = useQuery(projects);
  if (found.error) throw found.error;
  if (!found.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  const own = found.data.filter((each) => each.entity === entity);
  const others = [...new Set(found.data.map((each) => each.entity))].filter(
    (each) => each !== entity,
  );
  return (
    <div className="page stack">
      <h1>{entity}</h1>
      <Card title="Projects" note={plural(own.length, 'project')}>
        {own.length === 0 && <p className="quiet">No project of {entity} that you may see.</p>}
        <ul className="project-list">
          {own.map((each) => (
            <li key={each.name}>
              <ProjectTile project={each} owner={false} />
            </li>
          ))}
        </ul>
      </Card>
      {others.length > 0 && (
        <p className="row wrap">
          <span className="quiet">Others:</span>
          {others.map((each) => (
            <Link key={each} to="/$entity" params={{ entity: each }} className="link">
              {each}
            </Link>
          ))}
        </p>
      )}
    </div>
  );
}
